"""Run the command line, which alone knows of both packages; one module a command."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from repsearch.cli import answer, over_processes, probe_commands
from repsearch.cli.command_line import CommandLine
from repsearch.cli.commands import (
    ask,
    atlas,
    compare,
    count,
    data,
    demo,
    evaluate,
    export,
    merge,
    minimise,
    phrases,
    predict,
    report,
    reproduce,
    run,
    solve,
    states,
    steer,
    sweep,
    topics,
    train,
    verify,
    vocabulary,
)
from repsearch.cli.wording import called, in_options, options_of
from repsearch.errors import DivergenceError, InputError, ProcessLostError
from repsearch.storage.visible import visible

_INTERRUPTED = 130

app = CommandLine(
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
        "beside each other. 'report' makes one page of several runs; 'reproduce' makes the paper's "
        "figures; 'sweep' runs a grid of settings into one table. 'vocabulary' and 'merge' count a "
        "text in shards; 'phrases' finds pairs that are "
        "one word. 'ask' and 'probe' ask questions of any embeddings, 'states' takes them from a "
        "language model, 'steer' changes them in it; 'verify' tells whether files are whole. Every "
        "command takes --json, --verbose and --help."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(run.run)
app.command()(report.report)
app.command()(count.count)
app.command()(vocabulary.vocabulary)
app.command()(phrases.phrases)
app.command()(merge.merge)
app.command()(solve.solve)
app.command()(minimise.minimise)
app.command()(ask.ask)
app.command()(evaluate.evaluate)
app.command(cls=topics.RegisteredProbe)(topics.topics)
app.command()(predict.predict)
app.command()(train.train)
app.command()(compare.compare)
app.command()(export.export)
app.command()(states.states)
app.command()(steer.steer)
app.command()(reproduce.reproduce)
app.command()(sweep.sweep)
app.command()(atlas.atlas)
app.command()(verify.verify)
app.add_typer(probe_commands.app, name="probe")
app.add_typer(data.app, name="data")


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - of typer
    if asked:
        from repsearch.version import __version__

        typer.echo(f"repsearch {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version, and leave.",
            is_eager=True,
            callback=_tell_version,
        ),
    ] = False,
) -> None:
    """Take the options of the program as a whole."""


def main() -> None:
    """Run the command line; bad input ends with one sentence and exit status 2.

    Training that diverges, a process that is lost, and too little memory, end with one sentence
    as well, and exit status 1; Ctrl-C with 130.
    """
    # Options are read one by one, and one before --json may be refused.
    typed = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    answer.begin("", as_json="--json" in typed and over_processes.first())
    try:
        with over_processes.begun():
            app(prog_name="repsearch")
    except SystemExit as left:
        if left.code == _INTERRUPTED:  # of Typer, which keeps the interruption to itself
            _interrupted()
        # What is wrong with how a command is used has been printed by Typer, which then leaves.
        usage = left.__context__
        if left.code and usage is not None and hasattr(usage, "format_message"):
            _name_the_command()
            message = " ".join(usage.format_message().split())
            answer.end(int(left.code), {"kind": "UsageError", "message": message})
        raise
    except InputError as error:
        options = options_of(typer.main.get_command(app), sys.argv[1:])
        _fail(2, "InputError", in_options(str(error), options))
    except DivergenceError as error:
        _fail(1, "DivergenceError", str(error))
    except ProcessLostError as error:
        _fail(1, "ProcessLostError", str(error))
    except MemoryError:
        _fail(
            1,
            "MemoryError",
            "there is not enough memory for this; take fewer words (-V), fewer dimensions (-d) "
            "or a smaller file, or a machine with more",
        )
    except RuntimeError as error:
        # Of torch, which is imported only where it is needed.
        if type(error).__name__ != "OutOfMemoryError":
            raise
        _fail(
            1,
            "OutOfMemoryError",
            "the GPU has not enough memory for this; take fewer words (-V) or dimensions (-d), "
            "--dtype float32, or --device cpu",
        )
    except KeyboardInterrupt:
        _interrupted()


def _interrupted() -> NoReturn:
    """Say that Ctrl-C ended the command, and leave."""
    message = "interrupted; no half-written file was left under its final name"
    Console(stderr=True, highlight=False).print(message, soft_wrap=True)
    _name_the_command()
    answer.end(_INTERRUPTED, {"kind": "KeyboardInterrupt", "message": message})
    sys.exit(_INTERRUPTED)


def _name_the_command() -> None:
    """Name the command in the answer, where it was refused before it could begin."""
    now = answer.current()
    now.command = now.command or called(typer.main.get_command(app), sys.argv[1:])


def _fail(status: int, kind: str, message: str) -> NoReturn:
    """Say what was wrong, to people and with --json to programs, and leave."""
    shown = visible(message, lines=True)
    # Square brackets are not to be read as markup.
    escaped = shown.replace("[", r"\[")
    console = Console(stderr=True, highlight=False)
    console.print(f"[bold red]error:[/bold red] {escaped}", soft_wrap=True)
    _name_the_command()
    answer.end(status, {"kind": kind, "message": message})
    sys.exit(status)
