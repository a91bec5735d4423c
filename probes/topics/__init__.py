"""List, label, score and link the words at the ends of modes, and look for them elsewhere."""

import lazy_loader

# The function has the name of its file, which would take its place if imported later.
from probes.topics.topics import topics as topics

# Each other name of __init__.pyi is imported when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
