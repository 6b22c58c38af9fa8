from ._layers import NetworkFormatError
from .files import load, save
from .state_dict import from_state_dict

__all__ = ["NetworkFormatError", "from_state_dict", "load", "save"]
