"""How long an enumeration of linear regions takes here, by forecast and by what earlier ones took."""

from __future__ import annotations

from noprune_theory.lipschitz.exact import LARGEST_DIMENSION, enumeration_seconds

# Forecasts are those of an idle core and units in general position; that many times longer it may take.
_PACE = 24.0
_FEWEST, _MOST = 8, 4096


class Pace:
    """Forecasts of enumerations of the regions of some units of a layer.

    Parameters
    ----------
    rank : int
        Dimension of what units see of points, one more with offsets.
    lifted : bool
        Whether there are offsets.
    """

    def __init__(self, rank: int, lifted: bool) -> None:
        self.rank, self.lifted, self.factor, self.known = rank, lifted, _PACE, False

    def seconds(self, count: int) -> float:
        """Return the forecast for `count` units; nothing where there are few dimensions, or too many to enumerate."""
        if not 3 <= self.rank <= LARGEST_DIMENSION:
            return 0.0
        return self.factor * enumeration_seconds(count + self.lifted, self.rank)

    def fits(self, count: int, seconds: float) -> bool:
        """Return whether so many units can be enumerated in time."""
        return self.seconds(count) <= seconds

    def units(self, seconds: float) -> int:
        """Return how many units can be enumerated in time."""
        low, high = _FEWEST, _MOST
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(middle, seconds) else (low, middle)
        return low

    def learn(self, count: int, seconds: float) -> None:
        """Take in what an enumeration took."""
        forecast = enumeration_seconds(count + self.lifted, self.rank)
        if seconds > 0.05 and forecast > 0:
            self.factor, self.known = seconds / forecast, True
