"""Write a report: one page that needs nothing but itself, and its figures as files."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from probes.figures.modes.spectrum import spectrum_power_law
from probes.report.contents import ReportContents
from probes.report.drawings import draw
from probes.report.summary import paragraphs, spectrum_sentence, tiles
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
from repsearch.storage.atomic import replacing
from repsearch.storage.visible import visible

_MODES_SHOWN = 10


def write_report(
    contents: ReportContents, folder: Path | str, *, map_words: int = 700, seed: int = 0
) -> Path:
    """Draw all figures and write the page.

    Equal contents give equal bytes on one machine: nothing in the files tells
    when they were made. The page loads nothing, from the network or from the
    folder, so it can be sent and kept alone.

    Parameters
    ----------
    contents : ReportContents
        What was found.
    folder : Path or str
        Gets ``report.html`` and ``figures`` with each figure as PNG and PDF;
        made if it is missing. Files of these names are replaced.
    map_words : int, default 700
        Words on the map of the embeddings, the most frequent ones.
    seed : int, default 0
        Of the map.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        A file cannot be written, or an option is out of range.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from probes.topics import topics
    >>> spectrum = BinaryAttributes([0.3, 0.2]).spectrum()
    >>> contents = ReportContents(
    ...     title="A world of two attributes", facts={}, run={},
    ...     spectrum=spectrum, embeddings=spectrum.embeddings(2),
    ...     analogies={}, differences={}, similarities={},
    ...     topics=topics(spectrum, words_per_end=2),
    ...     topics_normalised=topics(spectrum, words_per_end=2, normalise="cosine"),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(contents, folder).name
    'report.html'
    """
    folder = Path(folder)
    power_law = spectrum_power_law(contents.spectrum)
    drawings = draw(contents, power_law, folder / "figures", map_words=map_words, seed=seed)
    topics, normalised = mode_rows(contents.topics), mode_rows(contents.topics_normalised)
    page = (
        _environment()
        .get_template("report.html.jinja")
        .render(
            contents=contents,
            main=contents.main,
            result=contents.analogies.get(contents.main),
            drawings=drawings,
            paragraphs=paragraphs(contents),
            tiles=tiles(contents),
            power_law=power_law,
            spectrum_sentence=spectrum_sentence(power_law) if power_law else "",
            topics=topics,
            normalised=normalised,
            modes_shown=_MODES_SHOWN,
            analogy_rows=analogy_rows(contents),
            same_questions=same_questions(contents),
            unanswerable=unanswerable,
            difference_rows=difference_rows(contents),
            similarity_rows=similarity_rows(contents),
            answer_table=answer_table,
            general=general,
            map_words=min(map_words, len(contents.embeddings)),
            seed=seed,
        )
    )
    path = folder / "report.html"
    with replacing(path, "w") as stream:
        stream.write(page)
    return path


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: object) -> object:
    """A text of ours as it is; of any other the letters that a page would act on, visible."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value, lines=True)
    return value


def _source(name: str) -> str:
    return files("probes.report").joinpath(name).read_text("utf-8")
