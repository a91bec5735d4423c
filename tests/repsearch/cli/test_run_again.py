"""`repsearch run` a second time: what rests on the same stands, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import TEXT
from typer.testing import CliRunner

import repsearch
from probes.studies import standing
from probes.studies.run import Study
from probes.studies.run_folder import faults, read_record
from repsearch.cli import app
from repsearch.cli.commands import count
from repsearch.errors import InputError

RUN = ("run", "text.txt", "-V", "40", "-d", "5", "--out", "r")
PARTS = ("report.json", "report.html", "spectrum.safetensors", "embeddings.safetensors")


class Worked:
    """What was worked out; the study is a small one, which writes its parts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.interrupt = False
        count_words = repsearch.count

        def counted(*given: object, **options: object) -> repsearch.Counts:
            self.done.append("counts")
            return count_words(*given, **options)  # type: ignore[arg-type]

        def study(
            run: Study, counts: repsearch.Counts, title: str, facts: dict, *, notes: tuple = ()
        ) -> Path:
            self.done.append("study")
            run.place.begin()
            run._write_settings()
            if run.settings["d"] is None:
                run._settle(5)
            if self.interrupt:
                raise OSError("the power failed")
            for name in PARTS:
                (run.folder / name).write_text(f"{counts.n_tokens} {run.settings} {notes}")
            (run.folder / "tables").mkdir(exist_ok=True)
            (run.folder / "tables" / "analogies.json").write_text("[]")
            run.notes = [*notes, "a note"]
            run._write_run(counts)
            return run.folder / "report.html"

        monkeypatch.setattr(repsearch, "count", counted)
        monkeypatch.setattr(Study, "run", study)

    def by(self, *command: str, text: str | None = None) -> list[str]:
        """What a command works out."""
        self.done = []
        done = CliRunner().invoke(app, [*command, "--json"], input=text)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        self.answer = json.loads(done.stdout)
        return self.done


@pytest.fixture
def worked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worked:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(TEXT)
    worked = Worked(monkeypatch)
    assert worked.by(*RUN) == ["counts", "study"]
    return worked


def whole(folder: str = "r") -> bool:
    record = read_record(Path(folder))
    return record is not None and not faults(Path(folder), record)


def bits(folder: str = "r") -> dict[str, tuple[bytes, int]]:
    paths = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def test_nothing_is_worked_out_again_and_no_file_changes(worked: Worked) -> None:
    before = bits()
    for options in ((), ("--threads", "1"), ("--memory", "1GiB")):
        assert worked.by(*RUN, *options) == []
        assert worked.answer["found"]["reused"] == ["counts", "study"]
        assert worked.answer["notes"] == ["a note"]
        assert bits() == before
    assert whole()


@pytest.mark.parametrize(
    ("options", "again"),
    [
        (("--seed", "1"), ["study"]),
        (("-d", "4"), ["study"]),
        (("--dtype", "float64"), ["study"]),
        (("--window", "5"), ["counts", "study"]),
        (("--weighting", "flat"), ["counts", "study"]),
        (("-V", "39"), ["counts", "study"]),
        (("--min-length", "2"), ["counts", "study"]),
        (("--tokenizer", "unicode"), ["counts", "study"]),
    ],
)
def test_changed_settings(worked: Worked, options: tuple[str, ...], again: list[str]) -> None:
    assert worked.by(*RUN, *options) == again
    assert worked.answer["found"]["reused"] == (["counts"] if again == ["study"] else [])
    assert whole()
    assert worked.by(*RUN, *options) == []
    assert worked.by(*RUN) == again
    assert whole()


def altered(name: str) -> Callable[[], object]:
    return lambda: Path("r", name).write_bytes(b"x" + Path("r", name).read_bytes()[1:])


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda: Path("text.txt").write_text(f"{TEXT}\nwbc wcd wde"), ["counts", "study"]),
        (altered("counts.npz"), ["counts", "study"]),
        (lambda: Path("r/counts.npz").unlink(), ["counts", "study"]),
        (altered("stages.json"), ["counts", "study"]),
        (lambda: Path("r/stages.json").write_text("[1]"), ["counts", "study"]),
        (altered("report.html"), ["study"]),
        (lambda: Path("r/tables/analogies.json").unlink(), ["study"]),
        (altered("run.json"), ["study"]),
        (lambda: Path("r/run.json").unlink(), ["study"]),
        (lambda: Path("r/mine.txt").write_text("of the user"), []),
    ],
)
def test_changed_files(worked: Worked, change: Callable[[], object], again: list[str]) -> None:
    change()
    assert worked.by(*RUN) == again
    assert whole()
    assert worked.by(*RUN) == []


def test_a_changed_program(worked: Worked, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("one", "other"):
        monkeypatch.setattr(standing, "program_digest", lambda *_, now=program: now)
        assert worked.by(*RUN) == ["counts", "study"]
        assert worked.by(*RUN) == []


def test_the_counts_of_an_interrupted_run_stand(worked: Worked) -> None:
    worked.interrupt = True
    with pytest.raises(OSError, match="the power failed"):
        worked.by(*RUN, "--window", "5")
    worked.interrupt = False
    assert not whole()
    assert worked.by(*RUN, "--window", "5") == ["study"]
    assert whole()


def test_bad_options_leave_the_run_as_it_is(worked: Worked) -> None:
    before = bits()
    for options in (("-d", "999"), ("-V", "99999"), ("--window", "0")):
        with pytest.raises(InputError):
            worked.by(*RUN, *options)
    assert bits() == before
    assert worked.by(*RUN) == []


def test_settings_alone_suffice(worked: Worked, tmp_path: Path) -> None:
    assert worked.by("run", "--settings", "r/settings.toml") == []
    assert worked.by("run", "--settings", "r/settings.toml", "-d", "4") == ["study"]
    assert worked.by("run", "--settings", "r/settings.toml", "--out", "s") == ["counts", "study"]
    assert json.loads(Path("s/run.json").read_text())["settings"]["text"] == ["text.txt"]
    assert Path("s/counts.npz").read_bytes() == Path("r/counts.npz").read_bytes()
    Path("other one.txt").write_text(TEXT.replace("wbc", "wzz"))
    other = ("run", "other one.txt", "--settings", "r/settings.toml")
    assert worked.by(*other) == ["counts", "study"]
    assert worked.by("run", "--settings", "r/settings.toml") == []
    assert read_record(Path("r"))["settings"]["text"] == ["other one.txt"]  # type: ignore[index]


def test_a_dimension_that_was_found_is_the_one_asked_for_only_if_it_is_the_default(
    worked: Worked,
) -> None:
    """The settled dimension of five is told in a note, and is solved for differently."""
    free = ("run", "text.txt", "-V", "40", "--out", "r")
    assert worked.by(*free) == ["study"]
    assert worked.by(*free) == []
    assert worked.by(*free, "-d", "5") == ["study"]
    assert worked.by(*free, "-d", "5") == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (None, "there is no text; name files or folders of it, or pass --settings"),
        ("window = 5\n", "there is no text"),
        ("text = []\n", "there is no text"),
        ('text = "text.txt"\n', "write the paths as a list"),
        ("text = [1]\n", "write the paths as a list"),
        ('text = ["gone.txt"]\n', r"gone\.txt"),
    ],
)
def test_settings_without_a_text(worked: Worked, settings: str | None, said: str) -> None:
    given = []
    if settings is not None:
        Path("own.toml").write_text(settings)
        given = ["--settings", "own.toml"]
    with pytest.raises(InputError, match=said):
        worked.by("run", *given, "--out", "new")


def test_a_text_that_came_by_a_pipe_is_not_in_the_settings(
    worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = count.counted
    named = [Path("text.txt")]
    monkeypatch.setattr(count, "counted", lambda _, *given, **more: counted(named, *given, **more))
    assert worked.by("run", "-", "-V", "40", "-d", "5", "--out", "p") == ["counts", "study"]
    with pytest.raises(InputError, match="not where it came by a pipe"):
        worked.by("run", "--settings", "p/settings.toml")
