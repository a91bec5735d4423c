from .corpus.corpus import Corpus, CorpusSettings
from .corpus.encoding import encode
from .corpus.phrases import Phrases, learn_phrases
from .corpus.subsampling import subsample
from .corpus.token_ids import TokenIds
from .counts.counting import count
from .counts.counts import Counts
from .counts.merging import merge
from .counts.window import Window
from .dynamics import Aligned, Gaussian, Given, Vanishing
from .dynamics.flow import gradient_flow
from .dynamics.trajectory import Trajectory
from .embeddings import Embeddings
from .errors import InputError
from .minimum import Minimum, minimise
from .spectrum.eigensolver import eigenpairs
from .spectrum.singular import SingularTriplets, singular_triplets
from .spectrum.spectrum import Spectrum
from .target.mstar import mstar
from .target.mutual_information import pmi, shifted_ppmi
from .target.scaled import Scaled, scaled
from .target.target import Target
from .target.weighting import Setting31, Unweighted, Word2Vec
from .target.word2vec_program import Word2VecC
from .text.files import TextFiles
from .text.tokenizers import LATIN, UNICODE, Tokenizer
from .version import __version__

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
    "Minimum",
    "Phrases",
    "Scaled",
    "Setting31",
    "SingularTriplets",
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
    "__version__",
    "count",
    "eigenpairs",
    "encode",
    "gradient_flow",
    "learn_phrases",
    "merge",
    "minimise",
    "mstar",
    "pmi",
    "scaled",
    "shifted_ppmi",
    "singular_triplets",
    "subsample",
]
