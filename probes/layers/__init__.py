"""Find at which layer of a language model a concept is a direction."""

from probes.layers.contrasts import ContrastDifferences
from probes.layers.curve import AtLayer, ConceptCurve
from probes.layers.curves import LayerCurves
from probes.layers.layered import Layered, OneLayer, prompt_concepts, word_concepts
from probes.layers.study import layer_curves

__all__ = [
    "AtLayer",
    "ConceptCurve",
    "ContrastDifferences",
    "LayerCurves",
    "Layered",
    "OneLayer",
    "layer_curves",
    "prompt_concepts",
    "word_concepts",
]
