"""Take hidden states of words from language models, at every layer."""

import lazy_loader

# What a folder of states holds is read without torch and transformers.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
