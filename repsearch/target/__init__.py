"""Turn counts into the matrix that word2vec factorises: M*, PMI, PPMI, and their weights."""

from repsearch.target.mstar import mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.scaled import Scaled, scaled
from repsearch.target.target import Target
from repsearch.target.weighting import PairWeights, Setting31, Unweighted, Weighting, Word2Vec
from repsearch.target.word2vec_program import Word2VecC

__all__ = [
    "PairWeights",
    "Scaled",
    "Setting31",
    "Target",
    "Unweighted",
    "Weighting",
    "Word2Vec",
    "Word2VecC",
    "mstar",
    "pmi",
    "scaled",
    "shifted_ppmi",
]
