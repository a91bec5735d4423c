"""Run the command line, which alone knows of both packages; one module a command."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from repsearch.cli import probe_commands
from repsearch.cli.commands import (
    compare,
    count,
    data,
    demo,
    evaluate,
    merge,
    minimise,
    predict,
    report,
    run,
    solve,
    topics,
    train,
    verify,
    vocabulary,
)
from repsearch.cli.wording import in_options, options_of
from repsearch.errors import DivergenceError, InputError
from repsearch.storage.visible import visible

app = typer.Typer(
    name="repsearch",
    help=(
        "From text to the linear representations that word2vec learns: exact co-occurrence "
        "counts, the target matrix M*, its eigenpairs, topics, analogies and learning times "
        "(theory: arXiv 2502.09863)."
    ),
    epilog=(
        "Begin with 'repsearch demo', which needs no data; then 'repsearch run YOUR.txt'. "
        "'count', 'solve', 'evaluate' and 'topics' are the steps of 'run' one by one; "
        "'minimise' finds the embeddings at which word2vec's loss is least; "
        "'predict' tells when training learns what; 'train' trains, and 'compare' lays the two "
        "beside each other. 'report' makes one page of several runs. 'vocabulary' and 'merge' "
        "count a text in shards. 'probe' asks questions of any embeddings; 'verify' tells whether "
        "files are whole."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(run.run)
app.command()(report.report)
app.command()(count.count)
app.command()(vocabulary.vocabulary)
app.command()(merge.merge)
app.command()(solve.solve)
app.command()(minimise.minimise)
app.command()(evaluate.evaluate)
app.command(cls=topics.RegisteredProbe)(topics.topics)
app.command()(predict.predict)
app.command()(train.train)
app.command()(compare.compare)
app.command()(verify.verify)
app.add_typer(probe_commands.app, name="probe")
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command line; bad input ends with one sentence and exit status 2.

    Training that diverges ends with one sentence as well, and exit status 1.
    """
    try:
        app()
    except InputError as error:
        options = options_of(typer.main.get_command(app), sys.argv[1:])
        _say(f"[bold red]error:[/bold red] {_plain(in_options(str(error), options))}")
        sys.exit(2)
    except DivergenceError as error:
        _say(f"[bold red]error:[/bold red] {_plain(str(error))}")
        sys.exit(1)
    except MemoryError:
        _say(
            "[bold red]error:[/bold red] there is not enough memory for this; take fewer words "
            "(-V), fewer dimensions (-d) or a smaller file, or a machine with more"
        )
        sys.exit(1)
    except RuntimeError as error:
        # Of torch, which is imported only where it is needed.
        if type(error).__name__ != "OutOfMemoryError":
            raise
        _say(
            "[bold red]error:[/bold red] the GPU has not enough memory for this; take fewer words "
            "(-V) or dimensions (-d), --dtype float32, or --device cpu"
        )
        sys.exit(1)
    except KeyboardInterrupt:
        _say("interrupted; no half-written file was left under its final name")
        sys.exit(130)


def _say(message: str) -> None:
    Console(stderr=True, highlight=False).print(message, soft_wrap=True)


def _plain(message: str) -> str:
    """Keep square brackets from being read as markup, and words from acting on the terminal."""
    return visible(message, lines=True).replace("[", r"\[")
