"""Set M* of a corpus beside every place of a model in which the same words have vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probes.model_theory.concept_signal import (
    FEWEST_FAMILIES,
    ConceptPrediction,
    concept_prediction,
    usable_families,
)
from probes.model_theory.measured import measured, modes_beyond_frequency
from probes.model_theory.mode_shares import ModesPresent
from probes.model_theory.overlaps import SpaceOverlaps
from probes.model_theory.word_spaces import WordSpaces, counts_among, in_order
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.resampling import check_draws
from repsearch.checks import is_whole
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent
from repsearch.spectrum import Spectrum, eigenpairs
from repsearch.storage.tables import Cell
from repsearch.target import mstar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KS = (5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True)
class TheoryBeside(Result):
    """M* of a corpus beside a model: subspaces, modes, and concepts.

    Parameters
    ----------
    overlaps : SpaceOverlaps
        Leading subspaces compared.
    modes : ModesPresent
        Which modes of M* are in which space.
    concepts : ConceptPrediction or None
        Whether concepts are as clean in the model as in M*; None with too few relations.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.2, 0.1])
    >>> counts = world.sample(200_000, seed=0)
    >>> emb = world.spectrum().embeddings(4)
    >>> found = theory_beside(
    ...     WordSpaces.of({"theory": emb}), counts, Relations(world.relations), modes=5, controls=0
    ... )
    >>> list(found.parts()), found.overlaps.measures["theory"].rank
    (['theory', 'theory-modes', 'theory-concepts'], 4)
    """

    name = "theory"
    columns: ClassVar = {
        **SpaceOverlaps.columns,
        **ModesPresent.columns,
        **ConceptPrediction.columns,
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps every mode in every space (theory-modes.csv), its map, and the share "
        "of each relation (theory-families.csv); 'repsearch topics' says what a mode is about."
    )

    overlaps: SpaceOverlaps
    modes: ModesPresent
    concepts: ConceptPrediction | None

    def parts(self) -> dict[str, Result]:
        """Give the three answers, each under the name of its files.

        Returns
        -------
        dict of str to Result
            Without that of concepts where there are too few relations.
        """
        found: tuple[Result | None, ...] = (self.overlaps, self.modes, self.concepts)
        return {one.name: one for one in found if one is not None}

    def summary(self) -> str:
        """Say what each part says.

        Returns
        -------
        str
            One paragraph.
        """
        return " ".join(self.paragraphs())

    def paragraphs(self) -> list[str]:
        """Give what is said of subspaces, of modes, and of concepts.

        Returns
        -------
        list of str
            Together they are `summary`.
        """
        said = [part.summary() for part in self.parts().values()]
        if self.concepts is None:
            said.append("Too few relations have pairs among the shared words to compare concepts.")
        return said

    def table(self) -> list[dict[str, Cell]]:
        """Give the rows of the overlaps; the other parts have their own tables.

        Returns
        -------
        list of dict
            One row for each space and number of modes.
        """
        return self.overlaps.table()

    def rests_on(self) -> dict[str, Cell]:
        """Give what the parts rest on.

        Returns
        -------
        dict
            Name to value; names of the concepts' begin with ``concepts_``.
        """
        of_concepts = {} if self.concepts is None else self.concepts.rests_on()
        return {
            **self.overlaps.rests_on(),
            **{f"concepts_{key}": value for key, value in of_concepts.items()},
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the tables of the parts, one below the other.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Tables, an empty line between them.
        """
        return "\n\n".join(part.text(width) for part in self.parts().values())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the overlaps by space.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return self.overlaps.plot(ax)


@one_blas_thread()
def theory_beside(
    spaces: WordSpaces,
    counts: Counts,
    relations: Relations,
    *,
    modes: int = 100,
    permutations: int = 200,
    controls: int = 100,
    seed: int = 0,
    progress: Progress = silent,
) -> TheoryBeside:
    """Compare the modes of M* with the word vectors of a model, place by place.

    M* is that of the counts among the words that all places have. Modes and vectors alike follow
    frequency, and that alone would make subspaces overlap. So functions of frequency (piecewise
    linear in the rank, the mean over words among them) are projected out of both, and chance is
    words permuted within bins of frequency; shares of concepts are taken less those of random
    pairs of the same frequencies.

    Parameters
    ----------
    spaces : WordSpaces
        Layers, matrices of a model, or any embeddings.
    counts : Counts
        Of a corpus.
    relations : Relations
        Families of word pairs.
    modes : int, default 100
        How many leading modes of M*; as many as are positive where there are fewer.
    permutations : int, default 200
        Draws of the null.
    controls : int, default 100
        Families of random pairs of the same frequencies for each relation; 0 for none.
    seed : int, default 0
        Seed of permutations, controls and resamples.
    progress : Progress
        Is told how many places are done.

    Returns
    -------
    TheoryBeside

    Raises
    ------
    InputError
        Fewer than 50 shared words, a number out of range, a place where all words are alike, or
        counts in a window that is not alike on both sides.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.2, 0.1])
    >>> counts = world.sample(200_000, seed=0)
    >>> from repsearch.embeddings import Embeddings
    >>> noise = Embeddings(world.words, np.random.default_rng(0).normal(size=(64, 4)))
    >>> spaces = WordSpaces.of({"theory": world.spectrum().embeddings(4), "noise": noise})
    >>> of_world = Relations(world.relations)
    >>> found = theory_beside(spaces, counts, of_world, modes=4, permutations=99, controls=0)
    >>> [int(found.modes.present(space).sum()) for space in ("theory", "noise")]
    [4, 0]
    """
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    check_draws(name="controls", draws=controls, least=0, seed=seed)
    if not is_whole(modes) or modes < 1:
        raise InputError(f"modes is {modes!r}; pass a whole number of at least 1")
    counts.require_symmetric("M* beside a model")
    words = spaces.shared_words(counts)
    spectrum = _leading(counts_among(counts, words), min(modes, len(words) // 2), progress)
    axes, lost = modes_beyond_frequency(spectrum.eigenvectors.astype(np.float64))
    number = axes.shape[1]
    ks = (*(k for k in _KS if k < number), number)
    settings: dict[str, Cell] = {
        "coverage_of_counts": len(words) / len(counts.words),
        "modes": number,
        "permutations": permutations,
        "seed": seed,
    }
    found = {}
    for done, name in enumerate(spaces.spaces):
        progress("places", done, len(spaces), "places")
        vectors = in_order(spaces[name], words).vectors
        try:
            found[name] = measured(axes, vectors, ks, permutations=permutations, seed=seed)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    progress("places", len(spaces), len(spaces), "places")
    return TheoryBeside(
        overlaps=SpaceOverlaps(ks, found, len(words), settings),
        modes=ModesPresent(
            spectrum.eigenvalues.astype(np.float64),
            _ends(spectrum),
            lost,
            found,
            {"words": len(words), **settings},
        ),
        concepts=_concepts(spectrum, spaces, words, relations, controls=controls, seed=seed),
    )


def _leading(counts: Counts, modes: int, progress: Progress) -> Spectrum:
    found = eigenpairs(mstar(counts), modes, progress=progress)
    if not found.n_positive:
        raise InputError("M* of these words has no positive eigenvalue; take counts of more text")
    return found.leading(found.n_positive)


def _concepts(
    spectrum: Spectrum,
    spaces: WordSpaces,
    words: tuple[str, ...],
    relations: Relations,
    *,
    controls: int,
    seed: int,
) -> ConceptPrediction | None:
    theory = spectrum.embeddings()
    if len(usable_families(theory, relations)) < FEWEST_FAMILIES:
        return None
    return concept_prediction(
        theory,
        ((name, in_order(spaces[name], words)) for name in spaces.spaces),
        relations,
        controls=controls,
        seed=seed,
    )


def _ends(spectrum: Spectrum) -> tuple[tuple[str, str], ...]:
    vectors, words = spectrum.eigenvectors, spectrum.words
    high, low = vectors.argmax(axis=0).tolist(), vectors.argmin(axis=0).tolist()
    return tuple((words[a], words[b]) for a, b in zip(high, low, strict=True))
