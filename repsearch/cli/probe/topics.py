"""``repsearch topics``: what each mode is about, and whether that deserves a name."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given
from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes import TopicTable
    from probes.topics import LabelTable
    from probes.topics.coherence import CoherenceTable
    from repsearch import Embeddings, Spectrum
    from repsearch.storage.tables import Cell

Measure = Literal["npmi", "c_v", "u_mass"]
_NARROWEST = 60


def topics(
    source: given.Source,
    modes: Annotated[
        int | None,
        typer.Option(help="How many modes; ten, or all there are.", show_default=False),
    ] = None,
    words: Annotated[int, typer.Option(help="Words at each end.")] = 10,
    frequent: Annotated[
        int, typer.Option(help="Look only at so many of the most frequent words.")
    ] = 4000,
    normalise: Annotated[
        Literal["raw", "cosine"],
        typer.Option(help="Order by entries, or by cosine with the mode (the paper's figure 3)."),
    ] = "raw",
    counts: Annotated[
        Path | None,
        typer.Option(
            help="Counts file in which coherence is measured; by default the carried counts, "
            "where they have the words.",
            show_default=False,
        ),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Encoded corpus ('count --corpus') instead of counts: for C_v and U_mass.",
            show_default=False,
        ),
    ] = None,
    measure: Annotated[
        Measure, typer.Option(help="NPMI; or C_v and U_mass, which need --corpus.")
    ] = "npmi",
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="Spectrum or embeddings of another text, half or seed, to see which modes are "
            "stable; can be given more than once.",
            show_default=False,
        ),
    ] = None,
    graph: Annotated[
        bool, typer.Option("--graph", help="Look for communities of topics that share words.")
    ] = False,
    time: given.Time = None,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Show what each eigenvector is about: the words at both of its ends, and a label for each.

    Says which topics are coherent above chance, with --against which modes are found again
    elsewhere, and with --graph which topics share words. Embeddings are turned to their
    principal axes first.
    """
    import probes
    from probes.topics import topic_labels
    from repsearch.storage.tables import write_table

    opened = _opened(source, time)
    others = [_opened(path, None) for path in against or ()]
    table = probes.topics(
        opened,
        modes=None if modes is None else range(1, modes + 1),
        words_per_end=words,
        frequent=frequent,
        normalise=normalise,
    )
    numbers = range(1, len(table.topics) // 2 + 1)
    coherent, why = _coherence(table, counts, corpus, measure, seed)
    labels = topic_labels(opened, modes=numbers, frequent=frequent, coherence=coherent)
    console = Console(highlight=False, markup=False)
    width = max(console.width, _NARROWEST)

    def say(*blocks: str) -> None:
        for block in blocks:
            console.print(block, soft_wrap=True)

    say(table.text(width), "", _labels(labels, coherent, width))
    say(*_about_coherence(coherent, why, width), _about_diversity(table))
    rows: dict[str, Sequence[Mapping[str, Cell]]] = {
        "topics": table.table(),
        "labels": labels.table(),
    }
    if coherent is not None:
        rows["coherence"] = coherent.table()
    if others:
        from probes.modes.stability import topic_stability

        stable = topic_stability(
            opened,
            others,
            k=len(numbers),
            words=words,
            frequent=frequent,
            coherence=coherent,
            seed=seed,
        )
        say("", str(stable), *(textwrap.fill(line, width) for line in stable.findings()))
        rows["stability"] = stable.table()
    linked = None
    if graph:
        from probes.topics import topic_graph

        linked = topic_graph(opened, modes=numbers, frequent=frequent, seed=seed)
        say("", *linked.findings(width))
        rows["topic-graph"] = linked.table()
    if out is not None:
        for name, content in rows.items():
            write_table(content, out, name)
        if linked is not None:
            from probes.figures import plot_topic_graph, save_figure

            figure = plot_topic_graph(linked, labels=labels).get_figure(root=True)
            assert figure is not None
            save_figure(figure, out, "topic-graph")
        say(f"Files: {out.resolve()}")


def _opened(path: Path, time: float | None) -> Spectrum | Embeddings:
    from repsearch import Spectrum

    if Spectrum.is_at(path) and time is None:
        return Spectrum.open(path)
    from probes.concepts import on_principal_axes

    return on_principal_axes(given.embeddings_of(path, time))


def _coherence(
    table: TopicTable, counts: Path | None, corpus: Path | None, measure: Measure, seed: int
) -> tuple[CoherenceTable | None, str]:
    """Coherence, or why it was not measured."""
    from probes.topics.coherence import coherence
    from repsearch import Corpus, Counts
    from repsearch.data import carried_counts

    if corpus is not None and counts is not None:
        raise InputError("--counts and --corpus measure differently; give one of them")
    if corpus is None and measure != "npmi":
        raise InputError(f"{measure} counts windows or documents of a text; pass --corpus")
    given_path = corpus or counts
    if given_path is None and len(table.topics[0].words) < 2:
        return None, "a topic of one word has none; pass --words 2 or more"
    seen: Corpus | Counts
    if corpus is not None:
        seen = Corpus.open(corpus)
    else:
        seen = carried_counts() if counts is None else Counts.open(counts)
    listed = {word for topic in table.topics for word in topic.words}
    if missing := listed.difference(seen.words):
        said = f"{len(missing)} of the {len(listed)} words, such as {min(missing)!r}, are not in"
        if given_path is None:
            return None, f"{said} the carried counts; pass --counts or --corpus"
        raise InputError(f"{said} {given_path}; pass one of a text with the same vocabulary")
    return coherence(table, seen, measure=measure, seed=seed), ""


def _labels(labels: LabelTable, coherent: CoherenceTable | None, width: int) -> str:
    from probes.shared.text_table import fixed_width

    head: tuple[str, ...] = ("topic", "label")
    rows = [
        (label.name, textwrap.shorten(str(label), width - 42, placeholder=" ..."))
        for label in labels.labels
    ]
    if coherent is None:
        return fixed_width(head, rows, left=(0, 1))
    measured = {topic.name: topic for topic in coherent.topics}
    cells = [
        (
            f"{measured[label.name].value:.3f}",
            f"{measured[label.name].null:.3f}",
            f"{measured[label.name].p:.2g}",
            "yes" if label.coherent else "no",
        )
        for label in labels.labels
    ]
    head += (coherent.measure, "by chance", "p", "coherent")
    return fixed_width(
        head, [row + more for row, more in zip(rows, cells, strict=True)], left=(0, 1)
    )


def _about_coherence(coherent: CoherenceTable | None, why: str, width: int) -> list[str]:
    from probes.topics.coherence import above_chance

    if coherent is None:
        return [textwrap.fill(f"Coherence was not measured: {why}.", width)]
    judged = above_chance(coherent)
    lines = [
        f"{sum(judged.values())} of {len(judged)} topics are coherent above chance (false "
        f"discovery rate 5%), counted by {coherent.unit}."
    ]
    if doubtful := [name for name, found in judged.items() if not found]:
        lines.append(
            f"Labels that are lists of words and not names: those of {', '.join(doubtful)}."
        )
    return [textwrap.fill(line, width) for line in lines]


def _about_diversity(table: TopicTable) -> str:
    words = [word for topic in table.topics for word in topic.words]
    return f"{len(set(words)) / len(words):.0%} of the words of these topics are different."
