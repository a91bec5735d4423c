"""Generate words whose M* is known exactly, to test methods against the truth.

Every world has `words`, `mstar()`, `spectrum()` and `relations` (`World`). Those
that are distributions of pairs of words (`PairWorld`) have P as well and can be
sampled as counts; those made of topics (`TextWorld`) also as documents.
"""

from repsearch.synthetic.kernels import Exponential, PeriodicExponential
from repsearch.synthetic.noise import symmetric_noise
from repsearch.synthetic.pair_distribution import PairWorld
from repsearch.synthetic.sampling_error import eigenvalue_errors
from repsearch.synthetic.spectra import spectrum_of
from repsearch.synthetic.topic_model import TextWorld
from repsearch.synthetic.world import World
from repsearch.synthetic.worlds.binary_attributes import BinaryAttributes
from repsearch.synthetic.worlds.deletions import Pruned, WithoutPairs
from repsearch.synthetic.worlds.interval import Interval
from repsearch.synthetic.worlds.lattice import Lattice
from repsearch.synthetic.worlds.low_rank import LowRankPlusNoise
from repsearch.synthetic.worlds.pairs_from_target import Realised
from repsearch.synthetic.worlds.random_walk import RandomWalk
from repsearch.synthetic.worlds.seasons import Seasons
from repsearch.synthetic.worlds.topic_mixture import TopicMixture
from repsearch.synthetic.worlds.tree import Tree

__all__ = [
    "BinaryAttributes",
    "Exponential",
    "Interval",
    "Lattice",
    "LowRankPlusNoise",
    "PairWorld",
    "PeriodicExponential",
    "Pruned",
    "RandomWalk",
    "Realised",
    "Seasons",
    "TextWorld",
    "TopicMixture",
    "Tree",
    "WithoutPairs",
    "World",
    "eigenvalue_errors",
    "spectrum_of",
    "symmetric_noise",
]
