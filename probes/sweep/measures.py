"""Take the measures of a point from the answers of probes, one row each, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from probes.analogy import AnalogyResult
    from probes.concepts.probe import ConceptProbe
    from probes.geometry.isotropy import Isotropy
    from probes.similarity import SimilarityResult
    from repsearch import Spectrum

Row = dict[str, Any]
CELLS = ("measure", "of", "value", "low", "high", "level", "interval", "n", "status", "why")
"""Columns of a measure in the table."""
_CHIEF = "chief"
"""Whether figures show a measure; no column of the table."""


def measure(
    name: str,
    of: str,
    value: Interval | float | None,
    *,
    n: int | None = None,
    why: str = "",
    chief: bool = False,
) -> Row:
    """Lay out a number, with its interval where it has one.

    Parameters
    ----------
    name, of : str
        What is measured, and of what: a family, a set.
    value : Interval, float or None
        The number; None where there is none.
    n : int, optional
        How many questions, pairs or words it is of.
    why : str
        Why there is none, or what a reader has to know of it.
    chief : bool
        Whether figures show it.

    Returns
    -------
    dict
        `CELLS`, and whether it is chief.

    Examples
    --------
    >>> row = measure("accuracy", "all", Interval(0.5, 0.4, 0.6, 0.95, "pairs"), n=7)
    >>> row["value"], row["high"], row["status"]
    (0.5, 0.6, 'found')
    """
    row: Row = dict.fromkeys(CELLS)
    row |= {"measure": name, "of": of, "n": n, "why": why or None, _CHIEF: chief}
    row["status"] = "none" if value is None else "found"
    if isinstance(value, Interval):
        row |= {"value": value.value, "low": value.low, "high": value.high}
        row |= {"level": value.level, "interval": value.method}
    elif value is not None:
        row["value"] = float(value)
    return row


def failed(why: str) -> Row:
    """Lay out that nothing was found.

    Parameters
    ----------
    why : str
        Why not.

    Returns
    -------
    dict
        `CELLS`, the status being "failed".
    """
    return {**dict.fromkeys(CELLS), "status": "failed", "why": why, _CHIEF: False}


def is_chief(row: Mapping[str, Any]) -> bool:
    """Tell whether figures show a measure.

    Parameters
    ----------
    row : mapping
        From `measure`.

    Returns
    -------
    bool
    """
    return bool(row.get(_CHIEF))


def of_analogies(found: AnalogyResult) -> list[Row]:
    """Give the accuracy over all questions, in the mean of families, and by family.

    Parameters
    ----------
    found : AnalogyResult
        What was answered.

    Returns
    -------
    list of dict
    """
    return [
        measure("accuracy", "all questions", found.micro, n=found.questions, chief=True),
        measure("accuracy", "mean of families", found.macro, n=found.questions),
        *(
            measure(
                "accuracy",
                one.family,
                one.accuracy,
                n=one.questions,
                why="" if one.accuracy else "no questions",
            )
            for one in found.families
        ),
    ]


def of_similarity(found: Sequence[SimilarityResult]) -> list[Row]:
    """Give the correlation with each set of human ratings.

    Parameters
    ----------
    found : sequence of SimilarityResult
        One a set.

    Returns
    -------
    list of dict
    """
    return [
        measure("Spearman", one.dataset, one.spearman, n=one.pairs_used, why=one.reason, chief=True)
        for one in found
    ]


def of_isotropy(found: Isotropy) -> list[Row]:
    """Give mean cosine and effective directions, as they are and centred.

    Parameters
    ----------
    found : Isotropy
        What was found.

    Returns
    -------
    list of dict
    """
    words = int(found.settings["words"] or 0)
    return [
        measure("mean cosine", "as they are", found.mean_cosine, n=words),
        measure("mean cosine", "centred", found.centred_cosine, n=words),
        measure("effective directions", "as they are", found.directions, n=words, chief=True),
        measure("effective directions", "centred", found.centred_directions, n=words),
    ]


def of_concepts(found: ConceptProbe) -> list[Row]:
    """Give how many relations are directions, and of each share, held-out accuracy and p.

    Parameters
    ----------
    found : ConceptProbe
        What was found.

    Returns
    -------
    list of dict
    """
    tested = found.profiles.profiles
    directions = sum(one.found for one in tested)
    rows = [
        measure("directions", "all relations", float(directions), n=len(tested), chief=True),
        *(
            measure("adjusted p", family, None, why=reason)
            for family, reason in found.profiles.left_out
        ),
    ]
    for one in tested:
        family, pairs = one.coverage.family, len(one.coverage.pairs)
        rows += [
            measure("common share", family, one.signal.share, n=pairs),
            measure("held-out accuracy", family, one.held_out.accuracy, n=pairs),
            measure("adjusted p", family, float(one.adjusted), n=pairs, why=one.verdict),
        ]
    return rows


def of_spectrum(spectrum: Spectrum, d: int) -> list[Row]:
    """Give the share of the target that d modes explain, and the largest relative residual.

    Parameters
    ----------
    spectrum : Spectrum
        At least d eigenpairs.
    d : int
        How many of them the embeddings have.

    Returns
    -------
    list of dict
    """
    cut = spectrum.leading(d)
    residual = float((cut.residuals / abs(float(cut.eigenvalues[0]))).max())
    return [
        measure("explained share", "squared norm", float(cut.explained[-1]), n=d),
        measure("first eigenvalue", "target", float(cut.eigenvalues[0])),
        measure("last eigenvalue", "target", float(cut.eigenvalues[-1])),
        measure("largest residual", "first eigenvalue", residual, n=d),
    ]


def of_minimum(history: Mapping[str, Any]) -> list[Row]:
    """Give the loss, its share of that of zero embeddings, and whether it converged.

    Parameters
    ----------
    history : mapping
        From `probes.studies.least_loss.facts`.

    Returns
    -------
    list of dict
    """
    status = history["status"]
    why = "" if status == "converged" else f"not converged: {status}"
    certificate = history["certificate"]
    if certificate.get("saddle"):
        why = "; ".join(filter(None, [why, "may be a saddle"]))
    return [
        measure("loss", "minimum", history["loss"], n=history["iterations"], why=why),
        measure("loss", "zero embeddings", history["zero_loss"]),
    ]
