from .extraction import word_states
from .layers import Layers
from .model import LanguageModel
from .templates import TEMPLATES

__all__ = [
    "TEMPLATES",
    "LanguageModel",
    "Layers",
    "word_states",
]
