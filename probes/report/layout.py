"""Lay a run's results out as a page shows them: texts, rows, pictures, and numbers for its script.

What is laid out can be written as JSON and read again, so that a page of one run or of several can
be made without computing anything anew, with the same numbers.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from probes.drawing.labels import family_label, set_label
from probes.figures.modes.spectrum import spectrum_power_law
from probes.report.concept_pages import concept_pages
from probes.report.contents import ReportContents, Section
from probes.report.drawings import MAP_WORDS, draw
from probes.report.findings import findings
from probes.report.learning import Learning
from probes.report.moving import moving_picture
from probes.report.numbers import listed_numbers, with_ends
from probes.report.summary import spectrum_sentence, tiles
from probes.report.tables import (
    analogy_rows,
    answer_table,
    difference_rows,
    general,
    mode_rows,
    same_questions,
    similarity_rows,
    unanswerable,
)
from probes.report.topic_pages import topic_pages
from probes.report.wording import signed

FORMAT = 1
_MOMENTS_SHOWN = 8
_LARGE = 1000


def laid_out(contents: ReportContents, folder: Path, *, seed: int) -> dict[str, Any]:
    """Draw all figures, and lay out everything that the page shows.

    Parameters
    ----------
    contents : ReportContents
        The results.
    folder : Path
        Gets the figures.
    seed : int
        Of the map.

    Returns
    -------
    dict
        What JSON can hold.
    """
    power_law = spectrum_power_law(contents.spectrum)
    drawings = draw(contents, power_law, folder, seed=seed)
    learning = contents.learning
    return {
        "format": FORMAT,
        "kind": "study",
        "title": contents.title,
        "main": contents.main,
        "findings": findings(contents),
        "tiles": [asdict(tile) for tile in tiles(contents)],
        "notes": list(contents.notes),
        "facts": dict(contents.facts),
        "run": dict(contents.run),
        "drawings": {name: asdict(drawing) for name, drawing in drawings.items()},
        "spectrum": {
            "sentence": spectrum_sentence(power_law) if power_law else "",
            "r_squared": power_law.r_squared if power_law else None,
            "target": contents.spectrum.target,
            "dimension": contents.spectrum.dimension,
            "first": float(contents.spectrum.eigenvalues[0]),
            "last": float(contents.spectrum.eigenvalues[-1]),
            "residual": float(contents.spectrum.residuals.max()),
        },
        "learning": None if learning is None else _learning(learning),
        "topics": {
            "raw": [asdict(row) for row in mode_rows(contents.topics)],
            "normalised": [asdict(row) for row in mode_rows(contents.topics_normalised)],
            "considered": contents.topics.considered,
            "browser": None
            if contents.topic_study is None
            else topic_pages(contents.topic_study, learning),
        },
        "concepts": None if contents.concepts is None else _concepts(contents),
        "analogies": _analogies(contents),
        "similarity": [asdict(row) for row in similarity_rows(contents)],
        "similarity_targets": list(contents.similarities),
        "map": {"words": min(MAP_WORDS, len(contents.embeddings)), "seed": seed},
        "sections": [_section(section) for section in contents.sections],
        "moving": None
        if learning is None
        else moving_picture(
            learning, None if contents.topic_study is None else contents.topic_study.labels
        ),
        "compared": _compared(contents),
    }


def _learning(learning: Learning) -> dict[str, Any]:
    last = len(learning.times) - 1
    shown = sorted({round(last * k / (_MOMENTS_SHOWN - 1)) for k in range(_MOMENTS_SHOWN)})
    return {
        "summary": learning.summary(),
        "scale": f"{learning.scale:g}",
        "seed": learning.seed,
        "modes": learning.spectrum.dimension,
        "moments": len(learning.times),
        "rows": [
            {
                "time": f"{learning.times[k]:.3g}",
                "learned": int(learning.learned[k]),
                "explained": f"{100 * learning.explained[k]:.1f} %",
                "loss": _whole(float(learning.loss[k])),
                "largest": general(float(learning.singular_values[k, 0])),
            }
            for k in shown
        ],
    }


def _whole(loss: float) -> str:
    """A loss of millions with all its digits before the point, a small one with three."""
    return signed(loss, 0) if abs(loss) >= _LARGE else general(loss)


def _concepts(contents: ReportContents) -> dict[str, Any]:
    concepts = contents.concepts
    assert concepts is not None
    profiles = concepts.directions.profiles
    return {
        "summary": profiles.summary(),
        "pages": concept_pages(concepts, contents.learning),
        "left_out": [[family_label(name), reason] for name, reason in profiles.left_out],
        "rests_on": {name: general(value) for name, value in profiles.rests_on().items()},
        "followed": concepts.over_time is not None,
        "level": concepts.over_time.level if concepts.over_time is not None else 0.95,
    }


def _analogies(contents: ReportContents) -> dict[str, Any] | None:
    result = contents.analogies.get(contents.main)
    if result is None:
        return None
    return {
        "targets": list(contents.analogies),
        "relations": result.relations,
        "protocol": result.protocol,
        "method": result.method,
        "level": f"{100 * result.micro.level:g}",
        "questions": result.questions,
        "correct": result.correct,
        "unanswerable": unanswerable(result),
        "same_questions": same_questions(contents),
        "rows": [asdict(row) for row in analogy_rows(contents)],
        "differences": [asdict(row) for row in difference_rows(contents)],
    }


def _section(section: Section) -> dict[str, Any]:
    answer = section.answer
    return {
        "anchor": section.anchor,
        "title": section.title,
        "summary": answer.summary(),
        "how_to_read": section.how_to_read,
        "table": asdict(answer_table(answer)),
        "rests_on": {name: general(value) for name, value in answer.rests_on().items()},
    }


def _compared(contents: ReportContents) -> dict[str, Any]:
    """Numbers of the main target by which runs are set beside each other."""
    result = contents.analogies.get(contents.main)
    return {
        "words": len(contents.spectrum.words),
        "dimension": contents.spectrum.dimension,
        "eigenvalues": listed_numbers(contents.spectrum.eigenvalues.tolist()),
        "micro": None if result is None else with_ends(result.micro),
        "macro": None if result is None else with_ends(result.macro),
        "families": {}
        if result is None
        else {family_label(score.family): with_ends(score.accuracy) for score in result.families},
        "similarity": {
            set_label(found.dataset): with_ends(found.spearman)
            for found in contents.similarities.get(contents.main, ())
        },
    }
