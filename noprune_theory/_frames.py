"""Results as pandas data frames, where pandas is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def data_frame(columns: Mapping[str, Any]) -> DataFrame:
    """Return a data frame from its columns: one row an entry.

    Raises
    ------
    ImportError
        Without pandas; it names the extra to install.
    """
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise ImportError(f"a data frame needs pandas ({error}): pip install 'noprune-theory[pandas]'") from error
    return DataFrame(dict(columns))
