"""Write down, before anything is measured, what each stage has to do and at which sizes.

A stage's arithmetic is a sum of terms: numbers of operations as functions of the sizes. What is
predicted of a sweep are the slopes of its terms over the sizes that are fitted. A measured
exponent may lie anywhere between the smallest and the largest of them, for the constants before
the terms are not predicted; above the largest the stage does more than it has to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Facts = Mapping[str, float]
Term = Callable[[Facts], float]


@dataclass(frozen=True)
class Sweep:
    """One stage along one axis.

    Parameters
    ----------
    stage : str
        Name of the stage; those of peers begin with the peer's name.
    axis : str
        The fact that grows.
    sizes : tuple of int
        What `varies` is set to, at least four in geometric order.
    terms : mapping of str to callable
        Operations as a function of the facts of a row.
    given : mapping of str to int
        The other sizes.
    varies : str, optional
        The setting that is varied, where `axis` is a fact of what comes of it: pairs stored
        are not set but counted.
    """

    stage: str
    axis: str
    sizes: tuple[int, ...]
    terms: Mapping[str, Term]
    given: Mapping[str, int] = field(default_factory=dict)
    varies: str = ""

    @property
    def name(self) -> str:
        """Stage and axis."""
        return f"{self.stage} by {self.axis}"

    @property
    def setting(self) -> str:
        """The setting that is varied."""
        return self.varies or self.axis


def doubling(first: int, n: int = 5) -> tuple[int, ...]:
    """Sizes from the first, each twice the one before."""
    return tuple(first * 2**k for k in range(n))


ENCODING: Mapping[str, Term] = {
    "words looked up": lambda f: f["tokens"],
    "distinct words sorted": lambda f: f["V"],
}
COUNTING: Mapping[str, Term] = {
    "additions, tokens × window": lambda f: f["tokens"] * f["window"],
    "pairs written": lambda f: f["pairs"],
}
TARGET: Mapping[str, Term] = {
    "entries, one for each pair": lambda f: f["pairs"],
    "marginals": lambda f: f["V"],
}
KRYLOV: Mapping[str, Term] = {
    "products, some for each of d, with the pairs": lambda f: f["d"] * f["pairs"],
    "basis kept orthogonal, V d²": lambda f: f["V"] * f["d"] ** 2,
}
LAPACK: Mapping[str, Term] = {
    "array": lambda f: f["V"] ** 2,
    "tridiagonal form, V³": lambda f: f["V"] ** 3,
}
SGNS: Mapping[str, Term] = {
    "inner products, V² d": lambda f: f["V"] ** 2 * f["d"],
    "logistic functions, V²": lambda f: f["V"] ** 2,
}
QUARTIC: Mapping[str, Term] = {
    "product with the pairs, pairs × d": lambda f: f["pairs"] * f["d"],
    "WᵀW and its product, V d²": lambda f: f["V"] * f["d"] ** 2,
}
CLOSED: Mapping[str, Term] = {
    "solutions, T d³": lambda f: f["times"] * f["d"] ** 3,
    "vectors, T V d²": lambda f: f["times"] * f["V"] * f["d"] ** 2,
}
ANALOGIES: Mapping[str, Term] = {
    "cosines, questions × V × d": lambda f: f["questions"] * f["V"] * f["d"],
    "largest of them, questions × V": lambda f: f["questions"] * f["V"],
}
SIMILARITY: Mapping[str, Term] = {
    "ranks of each resample": lambda f: f["rated"],
    "cosines, rated × d": lambda f: f["rated"] * f["d"],
}
CONCEPTS: Mapping[str, Term] = {
    "principal axes, V d²": lambda f: f["V"] * f["d"] ** 2,
    "differences and Gram matrices, families × N² d": lambda f: (
        f["families"] * f["per_family"] ** 2 * f["d"]
    ),
    "flips, families × draws × N²": lambda f: f["families"] * f["draws"] * f["per_family"] ** 2,
    "flips of sums, families × draws × N": lambda f: f["families"] * f["draws"] * f["per_family"],
    # Not in the first draft, which forgot the angles: counted calls of functions told.
    "angles between families, families² × draws": lambda f: f["families"] ** 2 * f["draws"],
}
TOPICS: Mapping[str, Term] = {
    "words sorted, d V": lambda f: f["d"] * f["V"],
    "words of labels": lambda f: f["d"],
}
GRAPH: Mapping[str, Term] = {
    "shares, d V": lambda f: f["d"] * f["V"],
    "links of words with two, by chance at 0.01": lambda f: (
        f["V"] * f["d"] * (1 - 0.99 ** (f["d"] - 1))
    ),
}
SPIKED: Mapping[str, Term] = {
    "principal axes, V d²": lambda f: f["V"] * f["d"] ** 2,
    "noise drawn, families × N d": lambda f: f["families"] * f["per_family"] * f["d"],
    "Gram matrices, families × N² d": lambda f: f["families"] * f["per_family"] ** 2 * f["d"],
    "eigenvalues, families × N³": lambda f: f["families"] * f["per_family"] ** 3,
}
NEIGHBOURS: Mapping[str, Term] = {
    "cosines, queries × V × d": lambda f: f["queries"] * f["V"] * f["d"],
    "largest of them, queries × V": lambda f: f["queries"] * f["V"],
}
GENSIM: Mapping[str, Term] = {
    "samples, tokens × window × (1 + negatives) × d": lambda f: f["tokens"] * f["d"],
    "samples, whatever d": lambda f: f["tokens"],
}

_TEXT = {"V": 5_000, "window": 16, "threads": 1}
_MATRIX = {"V": 8_000, "tokens": 1_000_000, "d": 50, "threads": 1}
_WORDS = {"V": 4_000, "d": 100, "families": 8, "per_family": 20, "controls": 20}
_NULLS = {"draws": 199}

SWEEPS = (
    Sweep("encoding", "tokens", doubling(250_000), ENCODING, {"V": 10_000}),
    Sweep("encoding", "V", doubling(1_250), ENCODING, {"tokens": 1_000_000}),
    Sweep("counting", "tokens", doubling(500_000), COUNTING, _TEXT),
    Sweep("counting", "V", doubling(1_000), COUNTING, _TEXT | {"tokens": 2_000_000}),
    Sweep("counting", "window", doubling(4), COUNTING, _TEXT | {"tokens": 1_000_000}),
    Sweep("counting", "threads", doubling(1, 4), COUNTING, _TEXT | {"tokens": 2_000_000}),
    Sweep("reference's counting", "tokens", doubling(500_000), COUNTING, _TEXT),
    Sweep("target", "pairs", doubling(500_000), TARGET, {"V": 20_000}, varies="tokens"),
    Sweep("eigenpairs, Lanczos", "V", doubling(2_000, 4), KRYLOV, {"d": 50, "per_word": 100}),
    Sweep("eigenpairs, Lanczos", "pairs", doubling(250_000), KRYLOV, _MATRIX, varies="tokens"),
    Sweep("eigenpairs, Lanczos", "d", doubling(12), KRYLOV, _MATRIX),
    Sweep("eigenpairs, Lanczos", "threads", doubling(1, 4), KRYLOV, _MATRIX),
    Sweep("scikit-learn's TruncatedSVD", "V", doubling(2_000, 4), KRYLOV,
          {"d": 50, "per_word": 100}),
    Sweep("scikit-learn's TruncatedSVD", "d", doubling(12), KRYLOV, _MATRIX),
    Sweep("eigenpairs, LAPACK", "V", doubling(250), LAPACK, {"d": 50, "tokens": 500_000}),
    Sweep("gradient, SGNS", "V", doubling(500), SGNS, {"d": 100, "per_word": 100}),
    Sweep("gradient, SGNS", "d", doubling(25), SGNS, _MATRIX | {"V": 2_000}),
    Sweep("gradient, SGNS", "threads", doubling(1, 4), SGNS, _MATRIX | {"V": 2_000}),
    Sweep("gradient, quartic", "V", doubling(2_000), QUARTIC, {"d": 100, "per_word": 100}),
    Sweep("gradient, quartic", "pairs", doubling(250_000), QUARTIC, _MATRIX, varies="tokens"),
    Sweep("gradient, quartic", "d", doubling(25), QUARTIC, _MATRIX),
    Sweep("minimum, 5 iterations", "V", doubling(500, 4), SGNS, {"d": 50, "per_word": 100}),
    Sweep("minimum, 5 iterations", "d", doubling(25, 4), SGNS, _MATRIX | {"V": 2_000}),
    Sweep("closed form", "times", doubling(8), CLOSED, {"V": 4_000, "d": 50}),
    Sweep("closed form", "d", doubling(25), CLOSED, {"V": 1_000, "times": 4}),
    Sweep("closed form", "V", doubling(2_000), CLOSED, {"d": 50, "times": 16}),
    Sweep("analogies", "V", doubling(1_000), ANALOGIES, _WORDS),
    Sweep("analogies", "d", doubling(25), ANALOGIES, _WORDS),
    Sweep("analogies", "families", doubling(4), ANALOGIES, _WORDS),
    Sweep("analogies", "questions", doubling(8, 4), ANALOGIES, _WORDS, varies="per_family"),
    Sweep("similarity", "rated", doubling(250), SIMILARITY, {"V": 4_000, "d": 100}),
    Sweep("similarity", "V", doubling(2_000), SIMILARITY, {"rated": 500, "d": 100}),
    Sweep("similarity", "d", doubling(25), SIMILARITY, {"V": 4_000, "rated": 500}),
    Sweep("concepts", "V", doubling(1_000), CONCEPTS, _WORDS | _NULLS),
    Sweep("concepts", "d", doubling(25), CONCEPTS, _WORDS | _NULLS),
    Sweep("concepts", "families", doubling(4), CONCEPTS, _WORDS | _NULLS),
    Sweep("concepts", "per_family", doubling(8, 4), CONCEPTS, _WORDS | _NULLS),
    Sweep("topics and labels", "d", doubling(12), TOPICS, {"V": 4_000}),
    Sweep("topics and labels", "V", doubling(1_000), TOPICS, {"d": 20}),
    Sweep("topic graph", "d", doubling(12, 4), GRAPH, {"V": 2_000}),
    Sweep("topic graph", "V", doubling(1_000, 4), GRAPH, {"d": 20}),
    Sweep("spiked fits", "d", doubling(25), SPIKED, _WORDS),
    Sweep("spiked fits", "families", doubling(2), SPIKED, _WORDS),
    Sweep("spiked fits", "per_family", doubling(8, 4), SPIKED, _WORDS),
    Sweep("neighbours", "queries", doubling(16), NEIGHBOURS, {"V": 8_000, "d": 100}),
    Sweep("neighbours", "V", doubling(2_000), NEIGHBOURS, {"queries": 32, "d": 100}),
    Sweep("neighbours", "d", doubling(25), NEIGHBOURS, {"queries": 32, "V": 8_000}),
    Sweep("gensim's epoch", "tokens", doubling(50_000), GENSIM, {"V": 5_000, "d": 50}),
    Sweep("gensim's epoch", "d", doubling(25), GENSIM, {"V": 5_000, "tokens": 100_000}),
)  # fmt: skip
