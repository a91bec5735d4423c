"""From text to word embeddings over time: the closed-form theory of word2vec.

Text becomes a `Corpus`, a `Corpus` becomes `Counts`, `Counts` a `Target`, a
`Target` a `Spectrum`, a `Spectrum` `Embeddings` or, over time, a `Trajectory`;
each step is a function.
"""

from repsearch.cooccurrence import count
from repsearch.corpus import Corpus, CorpusSettings
from repsearch.counts import Counts
from repsearch.dynamics import Aligned, Gaussian, Given, Vanishing
from repsearch.eigensolver import eigenpairs
from repsearch.embeddings import Embeddings
from repsearch.encoding import encode
from repsearch.errors import InputError
from repsearch.merging import merge
from repsearch.scaled import Scaled, scaled
from repsearch.spectrum import Spectrum
from repsearch.subsampling import subsample
from repsearch.target import Target, mstar, pmi, shifted_ppmi
from repsearch.text import TextFiles
from repsearch.tokenizers import LATIN, UNICODE, Tokenizer
from repsearch.trajectory import Trajectory, gradient_flow
from repsearch.weighting import Setting31, Unweighted, Word2Vec
from repsearch.window import Window

__all__ = [
    "LATIN",
    "UNICODE",
    "Aligned",
    "Corpus",
    "CorpusSettings",
    "Counts",
    "Embeddings",
    "Gaussian",
    "Given",
    "InputError",
    "Scaled",
    "Setting31",
    "Spectrum",
    "Target",
    "TextFiles",
    "Tokenizer",
    "Trajectory",
    "Unweighted",
    "Vanishing",
    "Window",
    "Word2Vec",
    "count",
    "eigenpairs",
    "encode",
    "gradient_flow",
    "merge",
    "mstar",
    "pmi",
    "scaled",
    "shifted_ppmi",
    "subsample",
]
