"""Ask questions of embeddings, whoever made them."""

import lazy_loader

# Two functions have the names of their rooms, which would take their place if imported later.
from probes.similarity.similarity import similarity as similarity
from probes.topics.topics import topics as topics

# Each other name of __init__.pyi is imported when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
