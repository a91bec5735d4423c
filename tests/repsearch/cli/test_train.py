"""``repsearch train``: a real process, interrupted and resumed, and all that it refuses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from command_line import repsearch as process
from training_runs import contents, small_counts

from repsearch import training
from repsearch.cli import main
from repsearch.training.store.manifest import MANIFEST

SHORT = ("counts.npz", "-d", "4", "--until", "0.8", "--rows", "6", "--snapshots", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("train")
    small_counts().save(made / "counts.npz")
    small_counts(seed=1).save(made / "other.npz")
    (made / "text").mkdir()
    (made / "text" / "note.txt").write_text("mine")
    return made


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Run(Protocol):
    """The command line in this process."""

    def __call__(self, *arguments: str) -> Done: ...


@pytest.fixture
def repsearch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    def go(*arguments: str) -> Done:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setattr(sys, "argv", ["repsearch", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return Done(int(end.value.code or 0), printed.out, printed.err)

    return go


@pytest.mark.smoke
def test_it_trains_and_says_where_the_run_is(folder: Path) -> None:
    done = process("train", *SHORT, "--out", "flow", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "TrainedTrajectory(quartic, 30 words, d = 4, 7 rows, 3 snapshots" in done.stdout
    assert f"Run: {folder / 'flow'}" in done.stdout
    assert "repsearch compare flow" in done.stdout
    assert max(map(len, done.stderr.splitlines())) <= 80
    run = training.TrainedTrajectory(folder / "flow")
    assert run.finished
    assert run.times[-1] == 0.8


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (("--loss", "sgns", "--weights", "word2vec", "--negatives", "2"), "negatives=2"),
        (("--weights", "word2vec.c", "--subsample", "1e-2"), "Word2VecC(negatives=1.0"),
        (("--untied", "--dtype", "float32"), "float32"),
        (("--method", "chebyshev", "--rtol", "1e-3"), "Chebyshev"),
        (("--method", "descent"), "GradientDescent"),
        (("--pairs", "50", "--learning-rate", "0.05"), "SampledPairs"),
        (("--init", "1e-9"), "1e-09"),
        (("--method", "momentum", "--until", "6"), "Momentum("),
        (
            ("--method", "adam", "--until", "6", "--decay", "linear", "--pairs", "50"),
            "Adam(learning_rate=((6.0, 0.001, 0.0),)",
        ),
    ],
)
def test_every_option_reaches_the_run(
    folder: Path, repsearch: Run, options: tuple[str, ...], settings: str
) -> None:
    out = "-".join(options).replace(" ", "")
    done = repsearch("train", *SHORT, *options, "--out", out, "--seed", "3")
    assert done.returncode == 0, done.stderr
    run = training.TrainedTrajectory(folder / out)
    assert run.finished
    assert run.settings.seed == 3
    if settings == "1e-09":
        assert run.singular_values()[0, 0] < 1e-7
    else:
        assert settings in repr(run.settings)


def test_by_default_it_ends_at_twice_the_last_learning_time(folder: Path, repsearch: Run) -> None:
    done = repsearch(
        "train", "counts.npz", "-d", "4", "--modes", "2", "--rows", "40", "--out", "end"
    )
    assert done.returncode == 0, done.stderr
    run = training.TrainedTrajectory(folder / "end")
    # Both modes stand at the end, and did not before half of it.
    standing = run.singular_values()[:, 1] ** 2
    half = float(run.times[standing > standing[-1] / 2][0])
    assert run.settings.until == pytest.approx(2 * half, rel=0.15)


def test_ctrl_c_keeps_the_run_and_resume_ends_in_the_same_bits(
    folder: Path, repsearch: Run
) -> None:
    long = ("counts.npz", "-d", "4", "--method", "descent", "--learning-rate", "0.0001")
    options = (*long, "--until", "0.3", "--rows", "20", "--snapshots", "3")
    whole = repsearch("train", *options, "--out", "whole")
    assert whole.returncode == 0, whole.stderr
    command = [sys.executable, "-c", "from repsearch.cli import main; main()", "train"]
    life = subprocess.Popen(
        [*command, *options, "--out", "stopped"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that puts a job in the background has it ignore Ctrl-C, and what it starts too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not (folder / "stopped" / MANIFEST).exists():
        assert life.poll() is None
        time.sleep(0.001)
    life.send_signal(signal.SIGINT)
    _, said = life.communicate()
    assert life.returncode == 130, said
    assert "--resume --out stopped" in " ".join(said.split())
    assert "Traceback" not in said
    assert not training.TrainedTrajectory(folder / "stopped").finished
    done = repsearch("train", "counts.npz", "--resume", "--out", "stopped")
    assert done.returncode == 0, done.stderr
    assert contents(folder / "stopped") == contents(folder / "whole")


def test_a_run_that_has_ended_goes_on_to_a_later_end(folder: Path, repsearch: Run) -> None:
    assert repsearch("train", *SHORT, "--out", "longer").returncode == 0
    further = ("--until", "1.2", "--rows", "3", "--snapshots", "1")
    done = repsearch("train", "counts.npz", "--resume", "--out", "longer", *further)
    assert done.returncode == 0, done.stderr
    run = training.TrainedTrajectory(folder / "longer")
    assert run.times[-4:].tolist() == pytest.approx([0.8, 0.8 + 0.4 / 3, 0.8 + 0.8 / 3, 1.2])
    assert run.snapshot_times.tolist() == [0.0, 0.4, 0.8, 1.2]


def test_divergence_is_one_sentence_and_status_1(folder: Path, repsearch: Run) -> None:
    rate = ("--method", "descent", "--learning-rate", "1e5", "--force")
    done = repsearch("train", *SHORT, *rate, "--until", "1e9", "--out", "diverged")
    assert done.returncode == 1
    assert "training diverged after step" in done.stderr
    assert "smaller learning rate" in done.stderr
    assert "Traceback" not in done.stderr
    training.TrainedTrajectory(folder / "diverged").verify()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rows", "0"), "rows is 0"),
        (("--snapshots", "0"), "snapshots is 0"),
        (("-d", "0"), "d is 0"),
        (("--until", "0"), "until is 0"),
        (("--init", "0"), "--init"),
        (("--rtol", "0"), "rtol is 0"),
        (("--learning-rate", "1"), "--learning-rate is for descent, and the method is runge-kutta"),
        (("--force",), "--force is for descent"),
        (("--method", "descent", "--learning-rate", "0"), "0"),
        (("--method", "descent", "--rtol", "1e-3"), "--rtol is for steps of the flow"),
        (("--pairs", "50", "--rtol", "1e-3"), "--rtol is for steps of the flow"),
        (("--pairs", "50", "--method", "chebyshev"), "drop one of them"),
        (("--modes", "2"), "--modes is for training without --until"),
        (("--method", "descent", "--learning-rate", "1e9"), "above"),
        (("--pairs", "0"), "0"),
        (("--device", "abacus"), "abacus"),
        (("--threads", "0"), "threads"),
        (("--out", "text"), "text"),
        (("--resume", "--out", "nowhere"), "nowhere"),
        (("--seed", "-1"), "seed is -1"),
        (("--method", "adam"), "until is 0.8; momentum and Adam take whole numbers of steps"),
        (("--method", "adam", "--until", "9", "--force"), "--force is for a bound of stability"),
        (("--method", "adam", "--until", "9", "--modes", "2"), "--modes is for training without"),
        (("--method", "descent", "--decay", "linear"), "--decay is for momentum and adam"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    folder: Path, repsearch: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = repsearch("train", *SHORT, "--out", "refused", *arguments)
    assert done.returncode == 2, done.stdout
    assert "error:" in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "refused").exists()
    assert [file.name for file in (folder / "text").iterdir()] == ["note.txt"]


def test_a_run_is_resumed_with_its_own_counts_only(repsearch: Run) -> None:
    assert repsearch("train", *SHORT, "--out", "mine").returncode == 0
    done = repsearch("train", "other.npz", "--resume", "--out", "mine")
    assert done.returncode == 2
    assert "other counts" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-d", "7"), "--d cannot change while a run goes on, and that in kept has --d 4"),
        (("--loss", "sgns"), "--loss quartic"),
        (("--weights", "word2vec", "--seed", "8"), "--weights setting31, --seed 0"),
        (("--untied",), "cannot change"),
        (("--method", "chebyshev"), "--method runge-kutta"),
        (("--rtol", "1e-2"), "--rtol 0.0001"),
        (("--dtype", "float32"), "--dtype float64"),
        (("--device", "cuda"), "--device cpu"),
        (("--pairs", "9"), "--pairs as its default"),
        (("--init", "1e-9"), "--init is for a run that begins"),
        (("--modes", "2"), "--modes is for a run that begins"),
        (("--rows", "9"), "--rows is for what lies beyond the end"),
    ],
)
def test_a_run_that_goes_on_refuses_other_settings(
    folder: Path, repsearch: Run, arguments: tuple[str, ...], message: str
) -> None:
    """They were dropped in silence."""
    if not (folder / "kept").exists():
        assert repsearch("train", *SHORT, "--out", "kept").returncode == 0
    before = (folder / "kept" / MANIFEST).read_bytes()
    done = repsearch("train", "counts.npz", "--resume", "--out", "kept", *arguments)
    assert done.returncode == 2, done.stdout
    assert message in " ".join(done.stderr.split())
    assert (folder / "kept" / MANIFEST).read_bytes() == before


def test_a_run_goes_on_with_its_own_settings_and_on_other_threads(
    folder: Path, repsearch: Run
) -> None:
    assert repsearch("train", *SHORT, "--out", "same").returncode == 0
    same = ("-d", "4", "--loss", "quartic", "--tied", "--rtol", "1e-4", "--seed", "0")
    done = repsearch(
        "train", "counts.npz", "--resume", "--out", "same", *same, "--threads", "1", "--until", "1"
    )
    assert done.returncode == 0, done.stderr
    run = training.TrainedTrajectory(folder / "same")
    assert (run.settings.until, run.settings.compute.threads) == (1.0, 1)


def test_ctrl_c_before_training_begins_promises_no_run(
    folder: Path, repsearch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("probes.studies.training_plan.Plan.train", stopped)
    done = repsearch("train", *SHORT, "--out", "never")
    assert done.returncode == 130
    assert "--resume" not in done.stderr
    assert "interrupted" in done.stderr


def test_a_method_without_an_estimate_of_its_time_claims_none(repsearch: Run) -> None:
    """Stabilised steps were told the time of those of Runge and Kutta."""
    told = []
    for method in ("runge-kutta", "chebyshev"):
        done = repsearch("train", *SHORT, "--method", method, "--out", f"told-{method}")
        told += [one for one in done.stderr.splitlines() if one.startswith("expected: ")]
    followed, stabilised = told
    assert re.fullmatch(r"expected: .+ and [\d.]+ GiB of memory, roughly", followed)
    assert re.fullmatch(r"expected: [\d.]+ GiB of memory, roughly", stabilised)


def test_names_of_compared_runs_cannot_act_on_the_terminal(folder: Path, repsearch: Run) -> None:
    """They were printed as they are."""
    name = "a\x1b[2Jb"
    assert repsearch("train", *SHORT, "--out", name).returncode == 0
    done = repsearch("compare", name, "--counts", "counts.npz", "--modes", "2")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "a\\x1b[2Jb" in done.stdout
