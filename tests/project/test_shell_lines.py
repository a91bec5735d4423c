"""Every line of the shell in the README and the documents runs, on small inputs."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from documents import PAGES, shell_lines, write_inputs

from repsearch.cli import main

NOT_RUN = {
    "make": "sets up an environment of its own; .ci/run runs `make test` and `make oldest`",
    "pip": "installs from a network",
    "git": "needs a network",
    "pytest": "would run tests within a test",
    "python -m benchmarks": "benchmarks take long and have tests of their own (tests/benchmarks)",
    "python -c": "reads a file of 400,000 words from the network",
    "repsearch demo": "run on the oldest versions by `make oldest`, and in tests/repsearch/cli",
    "repsearch data fetch": "downloads",
    "repsearch probe concepts models/gpt2": "a whole model: tests/repsearch/embeddings",
    "repsearch count wikitext/train": "a dataset on disk: tests/repsearch/cli/test_text_input.py",
    "repsearch count tokenised/train": "a dataset on disk: tests/repsearch/cli/test_text_input.py",
    "python -m benchmarks.gpu": "needs a GPU",
}
"""Lines that are not run here, by how they begin, with the reason."""

SHORTENED = {
    "repsearch train": "-d 2 --until 0.001 --rows 4 --snapshots 2",
    "repsearch minimise": "-d 5 --iterations 3",
    "repsearch solve -d": "-d 10",
    "repsearch run": "-V 100 -d 5",
    "repsearch probe spiked": "--controls 0 --families family",
    "repsearch probe emergence": "--families family",
}
"""Lines that are run with these options besides, since they would take long; by their beginning."""

NEED_TORCH = ("repsearch train", "repsearch compare", "repsearch minimise", "--loss sgns")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    return folder


@pytest.mark.parametrize("page", [one for one in PAGES if shell_lines(one)], ids=lambda p: p.name)
def test_shell_lines_run(
    page: Path,
    inputs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(inputs, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    torch = importlib.util.find_spec("torch") is not None
    for line in shell_lines(page):
        if any(line.startswith(start) for start in NOT_RUN):
            continue
        if not torch and any(part in line for part in NEED_TORCH):
            continue
        more = next((add for start, add in SHORTENED.items() if line.startswith(start)), "")
        monkeypatch.setattr(sys, "argv", [*shlex.split(line), *shlex.split(more)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert end.value.code in (0, None), f"{line}\n{said.err}"
