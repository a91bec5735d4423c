"""Runs that were trained with torch are read where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from training_runs import small_counts, usual

from repsearch import training

BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Blocked())
"""
COMMAND = f"{BLOCK}\nfrom repsearch.cli import main\nmain()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counts, runs of them by every integrator that a file can name, and two relations."""
    folder = tmp_path_factory.mktemp("runs")
    counts = small_counts()
    counts.save(folder / "counts.npz")
    ways = {
        "sgns": (training.Sgns(), training.RungeKutta(1e-3)),
        "quartic": (training.Quartic(), training.Chebyshev(1e-3)),
        "descent": (training.Quartic(), training.GradientDescent(0.01)),
    }
    for name, (loss, integrator) in ways.items():
        training.train(
            counts, folder / name, d=4, until=0.4, loss=loss, integrator=integrator,
            record=usual(0.4),
        )  # fmt: skip
    words = counts.words
    lines = [f"{'ab'[k // 6]}\t{words[2 * k]}\t{words[2 * k + 1]}" for k in range(12)]
    (folder / "pairs.tsv").write_text("\n".join(["family\tfirst\tsecond", *lines]))
    return folder


def blocked(*arguments: str, cwd: Path, program: str = COMMAND) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "sgns", "--counts", "counts.npz", "--modes", "3"), "learned"),
        (("compare", "quartic", "descent", "--counts", "counts.npz", "--modes", "3"), "descent"),
        (("probe", "concepts", "sgns", "--relations", "pairs.tsv"), "share"),
        (("probe", "emergence", "sgns", "--relations", "pairs.tsv"), "share"),
        (
            ("probe", "emergence", "descent", "--relations", "pairs.tsv", "--counts", "counts.npz"),
            "share",
        ),
        (("verify", "sgns"), "all"),
    ],
    ids=lambda value: "-".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_a_run_is_read(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = blocked(*arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "torch" not in done.stderr


def test_it_is_read_to_the_same_bits(folder: Path) -> None:
    show = (
        "from repsearch.training import TrainedTrajectory\n"
        "for name in ('sgns', 'quartic', 'descent'):\n"
        "    run = TrainedTrajectory(name)\n"
        "    print(run, run.notes, run.settings, run.loss().tolist())\n"
        "    print([vectors.vectors.sum().item() for _, vectors in run.snapshots()])\n"
        "    run.verify()\n"
    )
    without = blocked(cwd=folder, program=f"{BLOCK}\n{show}assert 'torch' not in sys.modules")
    assert without.returncode == 0, without.stderr
    assert without.stdout == blocked(cwd=folder, program=show).stdout


@pytest.mark.parametrize(
    "program",
    [
        "from repsearch import training\ntraining.train",
        "from repsearch.training import Quartic",
    ],
    ids=["train", "a loss"],
)
def test_training_says_what_is_missing(folder: Path, program: str) -> None:
    done = blocked(cwd=folder, program=f"{BLOCK}\n{program}")
    assert "InputError: training needs torch" in done.stderr


def test_the_command_that_trains_says_it_first(folder: Path) -> None:
    done = blocked("train", "counts.npz", "--out", "other", cwd=folder)
    assert done.returncode == 2
    assert "training needs torch" in " ".join(done.stderr.split())
    assert not (folder / "other").exists()


def test_a_name_that_is_not_there_is_no_matter_of_torch() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        training.nothing  # noqa: B018
