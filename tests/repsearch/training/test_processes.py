"""Gradients over processes: the bits of one process, by threads and by real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import count_matrices
from typer.testing import CliRunner

torch = pytest.importorskip("torch")

from threaded_processes import Threaded, threaded  # noqa: E402
from training_runs import contents, small_counts, usual  # noqa: E402

import repsearch as rs  # noqa: E402
from repsearch import dynamics, training  # noqa: E402
from repsearch.cli import app, over_processes  # noqa: E402
from repsearch.embeddings import Embeddings  # noqa: E402
from repsearch.errors import InputError, ProcessLostError  # noqa: E402
from repsearch.target.word2vec_program import Word2VecC  # noqa: E402
from repsearch.testing.counts_from import counts_from  # noqa: E402
from repsearch.training import Compute, CustomLoss, Quartic, Sgns, full_batch, pair_terms  # noqa: E402
from repsearch.training.arithmetic.pairwise_sum import PairwiseSum  # noqa: E402
from repsearch.training.objectives import (  # noqa: E402
    quartic_full_batch,
    target_rows,
    tile_sums,
)
from repsearch.training.processes.group import Processes, torchrun_started  # noqa: E402
from repsearch.training.store.manifest import MANIFEST  # noqa: E402
from repsearch.training.store.stored_run import StoredRun  # noqa: E402
from repsearch.training.terms import pair_tiles  # noqa: E402

ONE_THREAD = Compute(threads=1)
WEIGHTINGS = (rs.Setting31(), rs.Unweighted(2.0), Word2VecC(5, subsample=None))


# ------------------------------------------------------------ sums two by two


@given(
    numbers=st.lists(st.floats(-1e8, 1e8, width=32), min_size=1, max_size=70),
    size=st.integers(1, 9),
)
def test_a_sum_has_the_same_bits_however_its_parts_are_shared_out(
    numbers: list[float], size: int
) -> None:
    parts = [torch.tensor([number], dtype=torch.float32) for number in numbers]

    def added(share: range) -> PairwiseSum:
        sums = PairwiseSum()
        for number in share:
            sums.add(number, 1, parts[number].clone())
        return sums

    def by_halves(first: int, stop: int) -> np.float32:
        """The tree, from its definition: the left half is the largest power of two."""
        if stop - first == 1:
            return np.float32(numbers[first])
        half = 1 << (stop - first - 1).bit_length() - 1
        return np.float32(by_halves(first, first + half) + by_halves(first + half, stop))

    whole = added(range(len(parts)))
    shared = PairwiseSum()
    for number in range(size):
        mine = added(Processes(number, size).share(len(parts)))
        assert len(mine.stretches) <= 2 * len(parts).bit_length()
        for stretch in mine.stretches:
            shared.add(*stretch)
    assert whole.total().item() == shared.total().item() == by_halves(0, len(parts))


@given(things=st.integers(0, 100), size=st.integers(1, 70))
def test_shares_are_all_things_once_and_even(things: int, size: int) -> None:
    shares = [Processes(number, size).share(things) for number in range(size)]
    assert [thing for share in shares for thing in share] == list(range(things))
    lengths = [len(share) for share in shares]
    assert max(lengths) - min(lengths) <= 1


# ------------------------------------------------------------ the objectives


@settings(max_examples=25)
@given(
    matrix=count_matrices(1, 9, zeros=False),
    weighting=st.sampled_from(WEIGHTINGS),
    loss=st.sampled_from([Sgns(), Quartic()]),
    dtype=st.sampled_from(["float64", "float32"]),
    tied=st.booleans(),
    dense=st.booleans(),
    side=st.integers(1, 4),
    fewest=st.integers(1, 9),
    size=st.integers(2, 6),
)
def test_any_number_of_processes_gives_the_bits_of_one(
    *,
    matrix: Any,
    weighting: Any,
    loss: Any,
    dtype: Any,
    tied: bool,
    dense: bool,
    side: int,
    fewest: int,
    size: int,
) -> None:
    compute = Compute(dtype=dtype, threads=1)
    terms = pair_terms(counts_from(matrix), weighting, dtype)
    shape = (terms.n_words, 3) if tied else (2, terms.n_words, 3)
    generator = torch.Generator().manual_seed(7)
    with pytest.MonkeyPatch.context() as patch, threaded(size) as processes:
        patch.setattr(pair_tiles, "SIDE", side)
        patch.setattr(quartic_full_batch, "BLOCK", side)
        patch.setattr(tile_sums, "FEWEST", fewest)
        patch.setattr(target_rows, "DENSE_FROM", 0.0 if dense else 2.0)
        one = full_batch(terms, loss, tied=tied, compute=compute)
        many = full_batch(terms, loss, tied=tied, compute=compute, processes=processes[0])
        for d in (3, 5):  # the certificate of a minimum asks for more columns than there are
            weights = torch.randn((*shape[:-1], d), generator=generator, dtype=torch.float64)
            weights = weights.to(compute.torch_dtype)
            assert torch.equal(many.gradient(weights, 0), one.gradient(weights, 0))
            assert many.loss(weights, 0) == one.loss(weights, 0)
            value, gradient = many.loss_and_gradient(weights)
            assert value == one.loss(weights, 0)
            assert torch.equal(gradient, one.gradient(weights, 0))


def test_what_is_passed_is_what_the_docs_count() -> None:
    """Tied: W to each other, sums of V d numbers by a tree; and each holds its own rows alone."""
    counts = small_counts(64)
    with pytest.MonkeyPatch.context() as patch, threaded(4) as processes:
        patch.setattr(pair_tiles, "SIDE", 8)
        terms = pair_terms(counts, rs.Setting31())
        many = full_batch(terms, Sgns(), tied=True, compute=ONE_THREAD, processes=processes[0])
        begun = processes[0].sent
        pairs = 12 * len(terms.columns)
        assert pairs < begun < pairs + 3 * (3 * 8 * 64 + 2_000)
        weights = torch.ones(64, 10, dtype=torch.float64)
        many.gradient(weights, 0)
        bare = 64 * 10 * 8
        assert 0 <= processes[0].sent - begun - 3 * bare < 1_000
        for other in processes[1:]:
            assert 0 <= other.sent - bare < 1_000


def test_runs_and_minima_are_those_of_one_process(tmp_path: Path) -> None:
    counts = small_counts()
    common: dict[str, Any] = {"d": 4, "until": 0.1, "record": usual(0.1, 4, 2)}
    cases: dict[str, dict[str, Any]] = {
        "flow": {"loss": Sgns()},
        "quartic": {"integrator": training.Chebyshev(1e-4)},
        "descent": {"loss": Sgns(), "integrator": training.GradientDescent(0.002)},
        "untied": {"loss": Sgns(), "tied": False, "weighting": rs.Word2Vec(2)},
    }
    with pytest.MonkeyPatch.context() as patch, threaded(3) as processes:
        patch.setattr(pair_tiles, "SIDE", 8)
        patch.setattr(quartic_full_batch, "BLOCK", 8)
        for name, case in cases.items():
            for folder, how in (("one", None), ("many", processes[0])):
                training.train(counts, tmp_path / folder / name, processes=how, **common, **case)
            assert contents(tmp_path / "many" / name) == contents(tmp_path / "one" / name)
        ways = training.TrainedTrajectory(tmp_path / "many" / "flow").settings.gradient
        assert ways == "tiles over 3 processes"
        # Prolonged by another number of processes, one among them.
        training.resume(tmp_path / "one" / "flow", counts, until=0.12, processes=processes[0])
        training.resume(tmp_path / "many" / "flow", counts, until=0.12)
        assert contents(tmp_path / "many" / "flow") == contents(tmp_path / "one" / "flow")
        ways = training.TrainedTrajectory(tmp_path / "many" / "flow").settings.gradient
        assert ways == "tiles over 3 processes, then tiles"
        one, many = (rs.minimise(counts, 3, processes=how) for how in (None, processes[0]))
        assert many.embeddings.vectors.tobytes() == one.embeddings.vectors.tobytes()
        assert (many.loss, many.status, many.certificate) == (
            one.loss,
            one.status,
            one.certificate,
        )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"loss": CustomLoss(lambda x: x * x / 4 - x, lambda x: x * x / 4 + x)}, "is a function"),
        (
            {"batch": dynamics.SampledPairs(5), "integrator": training.GradientDescent(0.01)},
            "SampledPairs draws few pairs a step.*or start one process",
        ),
        ({"compute": Compute("cuda")}, "on processors alone"),
    ],
    ids=["loss", "batch", "device"],
)
def test_what_is_not_had_over_processes_is_refused(
    more: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine without the device would refuse it earlier, in words of its own.
    monkeypatch.setattr(
        Compute, "torch_device", property(lambda self: torch.device("cpu")), raising=True
    )
    with threaded(2) as processes, pytest.raises(InputError, match=said):
        training.train(
            small_counts(), tmp_path / "run", d=2, until=0.1, processes=processes[0], **more
        )
    assert not (tmp_path / "run").exists()


def test_an_objective_whose_work_was_replaced_says_so() -> None:
    terms = pair_terms(small_counts(), rs.Setting31())
    with threaded(2) as processes:
        made: dict[str, Any] = {"tied": True, "compute": ONE_THREAD, "processes": processes[0]}
        first, second = (full_batch(terms, Sgns(), **made) for _ in range(2))
        weights = torch.ones(30, 2, dtype=torch.float64)
        assert second.loss(weights, 0) > 0
        with pytest.raises(InputError, match="another objective since"):
            first.loss(weights, 0)
        assert second.loss(weights, 0) > 0


def test_when_a_process_is_lost_what_there_is_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = small_counts(60)
    counts.save(tmp_path / "counts.npz")

    def after(messages: int, one: Threaded) -> None:
        """Have the first process find another gone when it has heard so many messages."""
        heard = Threaded.receive_into
        left = iter(range(messages))

        def receive_into(tensor: Any, other: int) -> None:
            if next(left, None) is None:
                one._lost(other, RuntimeError("connection closed by peer"))
            heard(one, tensor, other)

        monkeypatch.setattr(one, "receive_into", receive_into, raising=False)

    with threaded(2) as processes:
        first = processes[0]
        after(100, first)
        with pytest.raises(ProcessLostError, match=r"process 1 was lost .* so process 0 of 0 to 1"):
            training.train(
                counts,
                tmp_path / "run",
                d=3,
                until=1.0,
                loss=Sgns(),
                record=usual(1.0, 20, 20),
                processes=first,
            )
        with pytest.raises(ProcessLostError, match="process 1 was lost"):
            rs.minimise(counts, 3, processes=first)
        first.lost = ""
    with threaded(2) as processes:
        first = processes[0]
        after(40, first)
        monkeypatch.setattr(over_processes._Now, "processes", first)
        command = ["minimise", str(tmp_path / "counts.npz"), "-d", "3", "--iterations", "50"]
        done = CliRunner().invoke(
            app, [*command, "--tolerance", "1e-6", "--out", str(tmp_path / "best.npz")]
        )
        first.lost = ""
    monkeypatch.undo()
    assert isinstance(done.exception, ProcessLostError)
    assert "interrupted" in done.stdout
    assert np.isfinite(Embeddings.open(tmp_path / "best.npz").vectors).all()
    # The run goes on from its last step, to the bits of one that lost nothing.
    stopped = training.TrainedTrajectory(tmp_path / "run")
    assert not stopped.finished
    assert StoredRun(tmp_path / "run").step > 0
    training.resume(tmp_path / "run", counts)
    whole = {"d": 3, "until": 1.0, "loss": Sgns(), "record": usual(1.0, 20, 20)}
    training.train(counts, tmp_path / "whole", **whole)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"RANK": "1", "WORLD_SIZE": "4"}, (1, 4)),
        ({"RANK": "0", "WORLD_SIZE": "1"}, None),
        ({"RANK": "0"}, None),
        ({"RANK": "", "WORLD_SIZE": "x"}, None),
    ],
)
def test_torchrun_is_known_by_what_it_sets(
    variables: dict[str, str], found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"MASTER_ADDR": "localhost", "MASTER_PORT": "1", **variables}.items():
        monkeypatch.setenv(name, value)
    assert torchrun_started() == found


# ------------------------------------------------------------ real processes


def begun(number: int, port: int, *command: str) -> subprocess.Popen[str]:
    """A process as torchrun starts it, without torchrun's own seconds."""
    variables = {
        **{"RANK": str(number), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"},
        **{"MASTER_ADDR": "localhost", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"},
    }
    return subprocess.Popen(
        [sys.executable, "-m", "repsearch", *command],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])


@pytest.mark.skipif(os.name == "nt", reason="kills by signals")
def test_killed_over_two_processes_and_resumed_by_one(tmp_path: Path) -> None:
    counts = small_counts(200)
    counts.save(tmp_path / "counts.npz")
    command = [
        *("train", str(tmp_path / "counts.npz"), "--loss", "sgns", "-d", "3", "--until", "0.05"),
        *("--rows", "80", "--snapshots", "20", "--out"),
    ]
    run, port = tmp_path / "run", free_port()
    both = [begun(number, port, *command, str(run)) for number in (0, 1)]
    try:
        deadline = time.monotonic() + 240
        while not (run / MANIFEST).exists() or StoredRun(run).step < 5:
            assert time.monotonic() < deadline
            assert both[0].poll() is None, both[0].communicate()
            time.sleep(0.02)
        both[1].send_signal(signal.SIGKILL)
        out, err = both[0].communicate(timeout=60)
        assert both[1].communicate(timeout=60) == ("", "")
    finally:
        for one in both:
            one.kill()
    assert (both[0].returncode, out) == (1, "")
    assert "over 2 processes" in err
    assert err.count("error:") == 1
    assert "error: process 1 was lost (it ended, or cannot be reached), so process 0" in err
    assert f"--resume --out {run}" in err.replace("\n", " ")
    assert "Traceback" not in err
    StoredRun(run).verify()
    assert not training.TrainedTrajectory(run).finished
    training.resume(run, counts)
    ways = training.TrainedTrajectory(run).settings.gradient
    assert ways == "tiles over 2 processes, then tiles"
    alone = tmp_path / "alone"
    assert CliRunner().invoke(app, [*command, str(alone)]).exit_code == 0
    assert contents(run) == contents(alone)
