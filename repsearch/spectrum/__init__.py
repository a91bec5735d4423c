"""Find the leading eigenpairs of a matrix over words, by signed value."""

import lazy_loader

# A file of a spectrum is opened without the solver and all that it imports.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
