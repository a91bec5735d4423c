"""Compute word embeddings over time from text: the closed-form theory of word2vec.

Text becomes a `Corpus`, a `Corpus` becomes `Counts`, `Counts` a `Target`, a
`Target` a `Spectrum`, a `Spectrum` `Embeddings` or, over time, a `Trajectory`;
each step is a function.

Examples
--------
>>> import repsearch as rs
>>> documents = ["a cat sat on a mat", "a dog ran to a house", "the king ruled the land"]
>>> corpus = rs.encode(documents, vocabulary_size=None)
>>> counts = rs.count(corpus, rs.Window(2))
>>> spectrum = rs.eigenpairs(rs.mstar(counts), d=2)
>>> print(spectrum.eigenvalues.round(2))
[9.62 6.88]
>>> spectrum.embeddings()
<Embeddings 'M*', 13 words, 2 dimensions, float32>
"""

from repsearch.corpus.corpus import Corpus, CorpusSettings
from repsearch.corpus.encoding import encode
from repsearch.corpus.subsampling import subsample
from repsearch.corpus.token_ids import TokenIds
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import merge
from repsearch.counts.window import Window
from repsearch.dynamics import Aligned, Gaussian, Given, Vanishing
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.trajectory import Trajectory
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.mstar import mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.scaled import Scaled, scaled
from repsearch.target.target import Target
from repsearch.target.weighting import Setting31, Unweighted, Word2Vec
from repsearch.target.word2vec_program import Word2VecC
from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import LATIN, UNICODE, Tokenizer

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
    "TokenIds",
    "Tokenizer",
    "Trajectory",
    "Unweighted",
    "Vanishing",
    "Window",
    "Word2Vec",
    "Word2VecC",
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
