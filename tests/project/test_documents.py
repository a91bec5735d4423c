"""The code in the README and the documents runs, and prints what they show."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from documents import PAGES, Block, blocks, shell_lines, write_inputs
from places import ROOT

from repsearch.cli import main

ELSEWHERE = {
    "README.md": "tests/project/test_readme.py",
    "add-a-probe.md": "tests/project/test_add_a_probe.py",
    "dynamics.md": "tests/repsearch/cli/test_predict.py",
    "emergence.md": "tests/probes/emergence/test_emergence.py",
    "synthetic.md": "tests/repsearch/synthetic/test_guide.py",
    "testing.md": "tests/repsearch/testing/test_guide.py",
    "time.md": "tests/repsearch/dynamics/test_clock.py",
    "topics.md": "tests/probes/topics/test_stability.py",
}
"""Pages whose Python is run by the tests of what they are about."""

NOT_RUN = {
    "make": "sets up an environment of its own; .ci/run runs `make test` and `make oldest`",
    "pip": "installs from a network",
    "python -m pip": "installs from a network",
    "pytest": "would run tests within a test",
    "python -m benchmarks": "benchmarks take long and have tests of their own (tests/benchmarks)",
    "python -c": "reads a file of 400,000 words from the network",
    "repsearch demo": "run on the oldest versions by `make oldest`, and in tests/repsearch/cli",
    "repsearch report": "takes finished runs: tests/probes/studies/test_page.py",
    "repsearch atlas": "takes a finished run: tests/probes/studies/test_page.py",
    "repsearch states models/minilm": "a whole model: tests/repsearch/language_models",
    "repsearch probe concepts states": "states of that model",
    "repsearch probe emergence states": "states of that model",
    "repsearch probe layers states": "states of that model",
    "repsearch probe layers of-prompts": "states of that model",
    "repsearch states checkpoints": "models: tests/repsearch/cli/test_learning.py",
    "repsearch probe learning": "models: tests/repsearch/cli/test_learning.py",
    "repsearch probe emergence checkpoints": "models: tests/repsearch/cli/test_learning.py",
    "repsearch probe concepts checkpoints": "models: tests/repsearch/cli/test_learning.py",
    "repsearch probe theory states": "states of that model: tests/repsearch/cli/test_steer.py",
    "repsearch probe theory models/": "a whole model: tests/repsearch/cli/test_steer.py",
    "repsearch steer": "a whole model: tests/repsearch/cli/test_steer.py",
    "repsearch ask states": "states of that model",
    "repsearch count 'articles-*.txt' --scheduler": "starts processes: tests/repsearch/shards",
    "repsearch count 's3://": "a bucket of a cloud, and a cluster: tests/repsearch/shards",
    "repsearch reproduce": "minutes: tests/repsearch/cli/test_reproduce.py",
    "repsearch probe causal models/gpt2": "a whole model: tests/probes/concepts/test_causal.py",
    "repsearch probe concepts models/gpt2": "a whole model: tests/repsearch/embeddings",
    "repsearch count wikitext/train": "a dataset on disk: tests/repsearch/cli/test_text_input.py",
    "repsearch count tokenised/train": "a dataset on disk: tests/repsearch/cli/test_text_input.py",
}
"""Lines of the shell that are not run, by how they begin, with the reason."""

SHORTENED = {
    "repsearch merge part1.tsv": "-V 100",
    "repsearch train counts.npz --out runs/quartic --resume": "--until 0.002",
    "repsearch train carried -d 50 --method adam": "-d 2 --until 4 --rows 4 --snapshots 2",
    "repsearch train": "-d 2 --until 0.001 --rows 4 --snapshots 2",
    "repsearch minimise": "-d 5 --iterations 3",
    "repsearch solve -d": "counts.npz -d 10",
    "repsearch phrases": "--threshold 0 --min-count 2",
    "repsearch solve right.npz": "-d 10",
    "repsearch solve counts.npz --target ppmi --context-exponent": "-d 10",
    "repsearch topics": "--modes 2",
    "repsearch probe topics": "--modes 2",
    "repsearch run": "-V 100 -d 5",
    "repsearch probe spiked": "--controls 0 --families family",
    "repsearch probe emergence spectrum": "--families family --times 0.1,0.3",
    "repsearch probe emergence": "--families family",
    "repsearch probe snr": "--families family",
}
"""Lines that are run with these options besides, since they would take long; by their beginning."""

SMALL = "from documents import small_counts as carried_counts"
SHORTENED_PYTHON = {
    "concepts.md": [("from repsearch.data import carried_counts", SMALL), ("d=100", "d=30")],
    "training.md": [
        ("from repsearch.data import carried_counts", SMALL),
        ("d=100", "d=3"),
        ("until=0.05", "until=0.01"),
        ("(run, counts)", "(run, counts, n_modes=1)"),
    ],
    "processes.md": [
        ("from repsearch.data import carried_counts", SMALL),
        ("d=100", "d=3"),
        ("until=0.05", "until=0.01"),
        ("counts, 100", "counts, 3"),
    ],
    "minimum.md": [("counts, 200", "counts, 5, iterations=3")],
}
"""What is put in the place of what on pages that would take minutes."""

WITHOUT_TORCH = (
    "repsearch train", "repsearch compare", "repsearch minimise", "--loss sgns", "repsearch sweep",
)  # fmt: skip
NEED_TORCH = ("training.md", "minimum.md", "processes.md", "sweeps.md")
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
TORCH = importlib.util.find_spec("torch") is not None


def test_no_exception_is_left_over() -> None:
    lines = [line for page in PAGES for line in shell_lines(page)]
    for start in [*NOT_RUN, *SHORTENED]:
        assert any(line.startswith(start) for line in lines), start


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    return folder


@pytest.fixture
def folder(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with all that the pages name, in which the test goes on."""
    shutil.copytree(inputs, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def same(shown: str, printed: str) -> bool:
    return doctest.OutputChecker().check_output(shown, printed, LOOSE)


def run(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints."""
    assert line.startswith("repsearch "), f"cannot run {line!r}; give the reason in NOT_RUN"
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert end.value.code in (0, None), f"{line}\n{said.err}"
    return said.out


@pytest.mark.parametrize("page", [one for one in PAGES if shell_lines(one)], ids=lambda p: p.name)
def test_lines_of_the_shell(
    page: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for line in shell_lines(page):
        left_out = any(line.startswith(start) for start in NOT_RUN)
        if left_out or (not TORCH and any(part in line for part in WITHOUT_TORCH)):
            continue
        if (new := re.search(r"repsearch train .*--out (\S+)", line)) and "--resume" not in line:
            shutil.rmtree(folder / new[1], ignore_errors=True)  # a new run asks for a new folder
        more = next((add for start, add in SHORTENED.items() if line.startswith(start)), "")
        run(f"{line} {more}", monkeypatch, capsys)


def run_console(
    block: Block, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run the commands of a console and hold what they print to what is shown."""
    for found in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, shown = found.partition("\n")
        printed = run(line, monkeypatch, capsys)
        assert not shown or same(shown, printed), f"{line} printed\n{printed}\nand not\n{shown}"


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if page.name not in ELSEWHERE
        if any(one.language in ("python", "console") for one in blocks(page))
    ],
    ids=lambda page: page.name,
)
def test_python_and_what_is_printed(
    page: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if page.name in NEED_TORCH:
        pytest.importorskip("torch")
    names: dict[str, Any] = {}
    printed = ""
    for block in blocks(page):
        if block.language == "python":
            text = block.text
            for long, short in SHORTENED_PYTHON.get(page.name, []):
                assert long in PAGE_TEXT[page.name], f"{page.name} has no {long!r} any more"
                text = text.replace(long, short)
            capsys.readouterr()
            exec(compile("\n" * (block.line - 1) + text, page.name, "exec"), names)
            printed = capsys.readouterr().out
        elif block.language == "text":
            assert same(block.text, printed), f"{page.name}:{block.line} printed\n{printed}"
        elif block.language == "console":
            run_console(block, monkeypatch, capsys)


PAGE_TEXT = {page.name: page.read_text("utf-8") for page in PAGES}


def test_pages_that_are_run_elsewhere_are() -> None:
    for page, test in ELSEWHERE.items():
        assert page in (ROOT / test).read_text("utf-8")


def test_what_a_page_shows_is_held_to_what_is_printed() -> None:
    assert same("one\n...\nthree\n", "one\ntwo\nthree\n")
    assert not same("one\n...\nthree\n", "one\ntwo\nfour\n")


def test_a_command_that_fails_is_found_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError, match=r"missing\.npz"):
        run("repsearch solve missing.npz", monkeypatch, capsys)
