"""Look for the direction of every relation of a collection."""

from __future__ import annotations

from probes.concepts.coverage import FamilyCoverage, coverage
from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.held_out import CONTROLS, HeldOut, held_out
from probes.concepts.directions.power import smallest_share_of
from probes.concepts.directions.saved import relation_directions
from probes.concepts.localisation import Localisation, localise
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.profile import ConceptProfile
from probes.concepts.profile_table import ConceptProfiles
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS, Signal, signal
from probes.relations.relations import Relations
from probes.shared.several_tests import LEVEL, draws_needed, holm, is_finding, too_few_draws
from probes.shared.wording import counted
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent

PERMUTATIONS = 999
_NAMED_MODES, _WORDS = 12, 3  # with topics, as many as a figure shows
_MOST_COLUMNS = 100  # the paper's number for localisation


def profiles(
    embeddings: Embeddings,
    relations: Relations,
    *,
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> ConceptProfiles:
    """Look for the direction of every family, on the embedding's principal axes.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors of any origin. They are turned onto their principal axes, which
        changes no distance; those of a spectrum lie there already.
    relations : Relations
        The families.
    permutations : int, optional
        Flips of the null of held-out accuracy at most; its least p-value is
        1 / (permutations + 1). By default 999, or 20 for each relation and one more where that
        is more, so that each can be found after Holm's adjustment.
    controls : int, optional
        Families of random pairs of the same frequencies for each; 0 for none. By default 300,
        or as many as for the flips where that is more.
    seed : int, default 0
        Seed of flips, controls and resamples.
    progress : Progress
        What is told how many families are done.

    Returns
    -------
    ConceptProfiles
        Families with fewer than three groups of pairs without a common word are left out.

    Raises
    ------
    InputError
        No pair has both words in the vocabulary, or this is too small for controls.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> found = profiles(world.spectrum().embeddings(4), Relations(world.relations), controls=0)
    >>> [(row["family"], row["found"], row["modes"].split()[0]) for row in found.table()[:2]]
    [('attribute 1', True, '1'), ('attribute 2', True, '2')]
    """
    turned = on_principal_axes(embeddings)
    relations.within(turned)  # refuses a vocabulary without a single pair
    covered = coverage(relations, turned)
    tests = sum(len(family.components) >= FEWEST_GROUPS for family in covered.families)
    if permutations is None:
        permutations = draws_needed(tests, least=PERMUTATIONS)
    if controls is None:
        controls = draws_needed(tests, least=CONTROLS)
    made: list[tuple[FamilyCoverage, Signal, HeldOut, Localisation]] = []
    used: list[Differences] = []
    left_out: list[tuple[str, str]] = []
    for done, family in enumerate(covered.families):
        progress("concepts", done, len(covered.families), "families")
        groups = len(family.components)
        if groups < FEWEST_GROUPS:
            left_out.append(
                (
                    family.family,
                    f"{groups} groups of pairs without a common word; too few to test"
                    f"{_coinciding(family)}.",
                )
            )
            continue
        differences = difference_vectors(turned, family.pairs, name=family.family)
        held = held_out(
            differences,
            embeddings=turned,
            permutations=permutations,
            controls=controls,
            seed=seed,
        )
        columns = min(_MOST_COLUMNS, turned.dimension)
        place = localise(
            differences,
            d=columns,
            source=turned,
            modes=_NAMED_MODES,
            words_per_end=_WORDS,
            seed=seed,
        )
        made.append((family, signal(differences, seed=seed), held, place))
        used.append(differences)
    progress("concepts", len(covered.families), len(covered.families), "families")
    # In the columns that were given, so that they can be used there.
    directions = relation_directions(
        embeddings, {family.family: family.pairs for family, _, _, _ in made}
    )
    raw = [held.p_value for _, _, held, _ in made]
    adjusted = holm(raw)
    among = holm([held.control_p_value for _, _, held, _ in made])
    found = tuple(
        ConceptProfile(
            family,
            measured,
            held,
            place,
            p,
            q,
            smallest=None
            if is_finding(p)
            else smallest_share_of(
                differences,
                # Where Holm's procedure stands when it comes to this relation.
                threshold=LEVEL / (len(raw) - sum(one < held.p_value for one in raw)),
                permutations=permutations,
                seed=seed,
            ),
            along=directions.words_along(embeddings, family.family)
            if family.family in directions.families
            else ((), ()),
            controls_too_few=too_few_draws(tests, controls),
        )
        for (family, measured, held, place), differences, p, q in zip(
            made, used, adjusted, among, strict=True
        )
    )
    return ConceptProfiles(
        found,
        tuple(left_out),
        permutations,
        controls,
        seed,
        words=covered.words,
        directions=directions,
    )


def _coinciding(family: FamilyCoverage) -> str:
    lost = len(family.coinciding)
    return f" ({counted(lost, 'pair')} with one vector for both words)" if lost else ""
