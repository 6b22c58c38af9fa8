"""Networks and masks from files and arrays of other tools, and back.

Heavy modules load when a name is first used; PyTorch, ONNX and safetensors only when a file asks for them.
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
