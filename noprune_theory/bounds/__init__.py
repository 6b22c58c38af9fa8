"""Every numbered statement of the paper as a function, with the printed constants and with the sharpest proved.

Numerical arguments may be numbers or arrays and broadcast; information is in nats; probabilities are at most one (a
printed bound above one says nothing). `Constants.PAPER` and `Constants.SHARP` choose the form.

Errors name the argument, what is allowed and what was given: `TypeError` for what is no real number (a boolean, a
string, a masked array) or an object of another class, `ValueError` for NaN, infinity, what is out of range and shapes
that do not broadcast.
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
