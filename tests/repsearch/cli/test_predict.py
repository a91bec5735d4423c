"""``repsearch predict``, and ``solve`` over time: what they print and write is true."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies  # noqa: F401  the profile of hypothesis
from command_line import TEXT, repsearch
from figure_data import spectrum_of
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT

from probes.result import told
from probes.studies.over_time import with_name
from probes.studies.prediction import (
    KnownModes,
    Prediction,
    PredictionTable,
    Setup,
    predicted,
    warnings_about,
)
from repsearch import Counts, Embeddings, InputError, Spectrum
from repsearch.cli import main
from repsearch.cli.options import times_of
from repsearch.dynamics import learning_time_quantiles
from repsearch.dynamics.clock.batches import FullBatch
from repsearch.dynamics.clock.loss_expansion import QUARTIC
from repsearch.testing.oracle import integrate_tied, integrate_untied

EPS = np.finfo(float).eps
Run = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("predict")
    (made / "text.txt").write_text(TEXT)
    for arguments in (["count", "text.txt", "-V", "40"], ["solve", "counts.npz", "-d", "8"]):
        done = repsearch(*arguments, cwd=made)
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process; what it prints."""

    def go(*arguments: str, width: int = 80, status: int = 0) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr(sys, "argv", ["repsearch", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert end.value.code == status, printed.err
        return printed.err if status else printed.out

    return go


def true_target(folder: Path) -> np.ndarray:
    """M* of the counts, straight from its definition."""
    counts = Counts.open(folder / "counts.npz").matrix().toarray().astype(float)
    p = counts / counts.sum()
    independent = np.outer(p.sum(0), p.sum(0))
    target: np.ndarray = (p - independent) / ((p + independent) / 2)
    return target


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Rows of a table, which are the same in both of its files."""
    rows: list[dict[str, Any]] = json.loads(path.with_suffix(".json").read_text())
    with path.with_suffix(".csv").open(newline="") as stream:
        printed = list(csv.DictReader(stream))
    assert [list(row) for row in printed] == [list(row) for row in rows]
    for text, row in zip(printed, rows, strict=True):
        assert text == {k: "" if v is None else str(v) for k, v in row.items()}
    return rows


# -------------------------------------------------------------- predict


@pytest.mark.smoke
def test_the_table_holds_what_the_target_has(run: Run, folder: Path) -> None:
    printed = run("predict", "counts.npz", "-d", "20", "--steps", "3000", "--out", "p")
    rows = rows_of(folder / "p" / "modes")
    values, vectors = np.linalg.eigh(true_target(folder))
    values, vectors = values[::-1], vectors[:, ::-1]
    found = np.array([row["eigenvalue"] for row in rows])
    # float32 products: 40 terms of size up to 2 in each.
    np.testing.assert_allclose(found, values[:20], atol=40 * 2 * np.finfo(np.float32).eps)
    assert all(row["residual"] < 1e-4 for row in rows)
    positive = int((values[:20] > 1e-4).sum())
    assert 0 < positive < 20, "the case is to have eigenvalues of both signs"
    assert f"positive among them: {positive} " in " ".join(printed.split())
    assert f"Only {positive} of these 20 eigenvalues" in " ".join(printed.split())
    assert [row["time_50"] is None for row in rows] == [value < 0 for value in found]
    assert [row["share_50"] for row in rows[positive:]] == [0] * (20 - positive)
    words = Counts.open(folder / "counts.npz").words
    for k, row in enumerate(rows[:3]):
        ends = {words[np.argmax(vectors[:, k])], words[np.argmin(vectors[:, k])]}
        assert {row["positive_end"].split()[0], row["negative_end"].split()[0]} == ends


def test_times_are_those_of_the_theory(run: Run, folder: Path) -> None:
    arguments = ("predict", "spectrum.safetensors", "-d", "9", "--init", "1e-5")
    run(*arguments, "--time", "4", "--out", "t")
    rows = rows_of(folder / "t" / "modes")
    values = Spectrum.open(folder / "spectrum.safetensors").eigenvalues.astype(float)
    expected = learning_time_quantiles(values, 1e-5, 9, [0.05, 0.5, 0.95])
    for name, times in zip(("time_5", "time_50", "time_95"), expected, strict=True):
        np.testing.assert_allclose([row[name] for row in rows], times, rtol=8 * EPS)
    rate = np.array([row["time_50"] / row["steps_50"] for row in rows])
    assert np.ptp(rate) < 8 * EPS * rate[0]
    # Lemma 3.1 as it is printed; small enough for it to be computed so.
    start = np.array([row["start"] for row in rows])
    grown = np.exp(4 * values)
    heights = start**2 * grown / (values + start**2 * (grown - 1))
    np.testing.assert_allclose([row["share_50"] for row in rows], heights, rtol=400 * EPS)
    assert all(row["share_5"] <= row["share_50"] <= row["share_95"] for row in rows)
    verdicts = ["yes" if h >= 0.95 else "no" if h < 0.05 else "partly" for h in heights]
    assert [row["learned"] for row in rows] == verdicts
    assert len(set(verdicts)) > 1


def descend(
    matrix: np.ndarray, words: np.ndarray, contexts: np.ndarray | None, step: float, steps: int
) -> np.ndarray:
    """Steps at which eigenvectors' shares of W W^T pass one half, by gradient descent."""
    values, vectors = np.linalg.eigh(matrix)
    order = np.argsort(-np.abs(values))[:3]
    crossed = np.full((len(words), 3), np.inf)
    for count in range(1, steps + 1):
        other = words if contexts is None else contexts
        error = matrix - words @ other.transpose(0, 2, 1)
        after = words + step / 2 * error @ other
        if contexts is not None:
            contexts = contexts + step / 2 * error.transpose(0, 2, 1) @ words
        words = after
        mine, others = (
            vectors.T[order] @ words,
            vectors.T[order] @ (words if contexts is None else contexts),
        )
        share = (mine * others).sum(2) / values[order]
        crossed[(share > 0.5) & np.isinf(crossed)] = count
    return crossed


@pytest.mark.parametrize("tied", [True, False])
def test_gradient_descent_keeps_to_the_predicted_steps(tied: bool) -> None:  # noqa: FBT001
    values = np.array([8.0, 4.0, 2.0, 0.3, 0.1, -0.2, -0.5, -1.0])
    if not tied:
        values = np.sort(values * np.array([1, -1, 1, 1, 1, 1, 1, 1]))[::-1]
    spectrum = spectrum_of(np.append(values, np.zeros(8)))
    spectrum = Spectrum(
        spectrum.words[:16],
        np.sort(spectrum.eigenvalues)[::-1],
        np.linalg.qr(spectrum.eigenvectors[:16])[0],
        np.full(16, 1e-9),
        spectrum.squared_norm,
        "M",
    )
    vectors = spectrum.eigenvectors
    matrix = (vectors * spectrum.eigenvalues) @ vectors.T
    known = KnownModes(spectrum, float(spectrum.eigenvalues.min()), 0.0)
    rough = predicted(known, Setup(4, 1e-5, tied, QUARTIC, FullBatch(), None))
    setup = Setup(4, 1e-5, tied, QUARTIC, FullBatch(), rough.learning_rate / 8)
    found = predicted(known, setup)
    assert all("eigenvalues are positive" in text for text in warnings_about(found))
    rng = np.random.default_rng(5)
    runs = 200
    words = 1e-5 * rng.standard_normal((runs, 16, 4))
    # Independent and so not balanced: the usual start.
    contexts = None if tied else 1e-5 * rng.standard_normal((runs, 16, 4))
    step = found.clock.rate * found.learning_rate
    crossed = descend(matrix, words, contexts, step, int(1.5 * found.steps[2, 2]))
    for k in range(3):
        early, median, late = found.steps[:, k]
        # Descent is slower than the flow by growth / log(1 + growth), at most 1/80 / 2.
        assert np.median(crossed[:, k]) == pytest.approx(median, rel=0.025)
        inside = np.mean((crossed[:, k] > early) & (crossed[:, k] < late))
        assert abs(inside - 0.9) < 4 * np.sqrt(0.9 * 0.1 / runs)
        assert np.mean(crossed[:, k] < median) == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / runs))


@pytest.mark.parametrize(
    ("options", "flow_time"),
    [
        ((), 2.0),
        (("--batch", "mean"), 2 / 40**2),
        (("--batch", "positives", "--negatives", "3"), 2.0),
        (("--batch", "pairs", "--negatives", "3"), 2 / 4),
        (("--loss", "sgns"), 1.0),
        (("--untied",), 1.0),
        (("--untied", "--loss", "sgns", "--batch", "pairs"), 1 / 4),
    ],
)
def test_a_step_is_as_long_as_loss_and_batch_make_it(
    run: Run, options: tuple[str, ...], flow_time: float
) -> None:
    printed = run(
        *("predict", "spectrum.safetensors", "--learning-rate", "1e-6", *options),
        width=200,
    )
    shown = re.search(r"a step is (\S+) of flow time", printed)
    assert shown is not None
    assert float(shown[1]) == pytest.approx(flow_time * 1e-6, rel=0.005)


@pytest.mark.parametrize("tied", [True, False])
def test_the_default_learning_rate_is_a_tenth_of_the_stable_one(
    run: Run,
    folder: Path,
    tied: bool,  # noqa: FBT001
) -> None:
    values = np.linalg.eigvalsh(true_target(folder))
    bend = max(2 * values[-1], values[-1] - values[0]) / 4 if tied else abs(values).max() / 2
    flag = "--tied" if tied else "--untied"
    rates = {}
    for source in ("counts.npz", "spectrum.safetensors"):
        printed = run("predict", source, "-d", "8", flag, width=200)
        shown = re.search(r"a step is (\S+) of flow time", printed)
        assert shown is not None
        rates[source] = float(shown[1])
    assert rates["counts.npz"] == pytest.approx(0.1 / bend, rel=0.006)
    # Of a file the least eigenvalue is not known, only that it is no lower than a bound.
    assert rates["spectrum.safetensors"] <= rates["counts.npz"] * 1.006
    assert rates["spectrum.safetensors"] > rates["counts.npz"] / 4


WARNINGS = [
    ((), None),
    (("--init", "0.1"), "The start is not small"),
    (("--init", "0.5"), "R_kk^2(0) is not below"),
    (("--init", "0.3", "--modes", "2"), "weaker modes come earlier"),
    (("--learning-rate", "1"), "unstable at the minimum"),
    (("--learning-rate", "0.06"), "Steps are long"),
    (("--loss", "sgns"), "while |w_i.w_j| << 1"),
    (("-d", "12"), "Only 8 eigenpairs are known"),
    (("--untied",), "may be missing from this spectrum"),
]


@pytest.mark.parametrize(("options", "warning"), WARNINGS, ids=lambda v: str(v)[:40])
def test_it_says_what_is_wrong(run: Run, options: tuple[str, ...], warning: str | None) -> None:
    printed = " ".join(run("predict", "spectrum.safetensors", *options).split())
    assert ("Warning" in printed) == (warning is not None)
    assert (warning or "") in printed


def test_the_file_of_an_untied_solve_is_taken_in_its_order(run: Run, folder: Path) -> None:
    run("solve", "counts.npz", "-d", "8", "--untied", "--out", "magnitude.safetensors")
    run("predict", "magnitude.safetensors", "--untied", "--out", "u1")
    run("predict", "counts.npz", "-d", "8", "--untied", "--out", "u2")
    one, two = (rows_of(folder / name / "modes") for name in ("u1", "u2"))
    true = np.linalg.eigvalsh(true_target(folder))
    expected = true[np.argsort(-np.abs(true))][:8]
    for rows in (one, two):
        found = [row["eigenvalue"] for row in rows]
        np.testing.assert_allclose(np.abs(found), np.abs(expected), rtol=1e-5)
        assert any(value < 0 for value in found)
        assert all(row["time_50"] is not None for row in rows)


def prediction(values: list[float], scale: float, rate: float | None, *, tied: bool) -> Prediction:
    spectrum = spectrum_of(np.sort(values)[::-1])
    setup = Setup(len(values) + 2, scale, tied, QUARTIC, FullBatch(), rate)
    return predicted(KnownModes(spectrum, -2 * max(map(abs, values)), 0.0), setup)


@given(
    values=st.lists(st.floats(-1e8, 1e8).filter(lambda x: abs(x) > 1e-8), min_size=1, max_size=6),
    exponent=st.integers(-150, 2),
    rate=st.none() | st.floats(1e-20, 1e3),
    time=st.none() | st.floats(0, 1e9),
    width=st.integers(80, 140),
    tied=st.booleans(),
)
def test_no_line_is_wider_than_the_terminal(
    values: list[float],
    exponent: int,
    rate: float | None,
    time: float | None,
    width: int,
    tied: bool,  # noqa: FBT001
) -> None:
    found = prediction(values, 10.0**exponent, rate, tied=tied)
    table = PredictionTable(found, time, shown=6)
    lines = told(table, width).splitlines()
    assert max(map(len, lines)) <= width
    assert "nan" not in " ".join(lines)
    json.dumps([table.table(), table.rests_on()], allow_nan=False)


@pytest.mark.parametrize("values", [[-1.0, -2.0], [0.0, 0.0], [1.0]])
def test_targets_with_little_to_learn(run: Run, folder: Path, values: list[float]) -> None:
    spectrum_of(np.array(values)).save(folder / "little.safetensors")
    name = f"little{values[0]:g}"
    printed = run("predict", "little.safetensors", "--time", "2", "--out", name)
    assert f"Files: {(folder / name).resolve()}" in printed
    assert ("never" in printed) == (values[0] <= 0)
    assert (folder / name / "loss.png").exists() == (values[0] > 0)
    assert len(rows_of(folder / name / "modes")) == len(values)


def test_carried_counts_on_a_wide_terminal(run: Run) -> None:
    printed = run("predict", "-d", "3", "--modes", "2", "--steps", "150", width=120)
    lines = printed.splitlines()
    assert 80 < max(map(len, lines)) <= 120
    assert "4,500 words" in printed
    assert len([line for line in lines if re.match(r" {6}[+-] \w", line)]) == 4


BAD = [
    (("predict", "missing.npz"), "missing.npz"),
    (("predict", "text.txt"), "text.txt"),
    (("predict", "counts.npz", "-d", "41"), "d is 41"),
    (("predict", "spectrum.safetensors", "-d", "0"), "d is 0"),
    (("predict", "spectrum.safetensors", "--init", "0"), "--init is 0"),
    (("predict", "spectrum.safetensors", "--init", "nan"), "--init is nan"),
    (("predict", "spectrum.safetensors", "--steps", "-1"), "steps is -1"),
    (("predict", "spectrum.safetensors", "--time", "inf"), "time is inf"),
    (("predict", "spectrum.safetensors", "--time", "1", "--steps", "1"), "one of them"),
    (("predict", "spectrum.safetensors", "--learning-rate", "0"), "--learning-rate is 0"),
    (("predict", "spectrum.safetensors", "--modes", "0"), "--modes is 0"),
    (("predict", "counts.npz", "-d", "8", "--negatives", "-1"), "negatives is -1"),
    (("predict", "spectrum.safetensors", "--out", "text.txt/x"), "text.txt"),
    (("solve", "counts.npz", "-d", "5", "--times", "2,1"), "--times is '2,1'"),
    (("solve", "counts.npz", "-d", "5", "--times", "0:1:3"), "--times is '0:1:3'"),
    (("solve", "counts.npz", "-d", "5", "--times", "1", "--init", "-1"), "--init is -1"),
    (("solve", "counts.npz", "-d", "5", "--start", "aligned"), "--times"),
    (("solve", "counts.npz", "-d", "5", "--init", "1"), "--times"),
    (("solve", "counts.npz", "-d", "5", "--times", "1", "--embeddings", "x.foo"), "x.foo"),
]


@pytest.mark.parametrize(("arguments", "culprit"), BAD, ids=lambda v: " ".join(v)[:60])
def test_bad_input_is_one_sentence_and_exit_status_2(
    run: Run, folder: Path, arguments: tuple[str, ...], culprit: str
) -> None:
    before = set(folder.rglob("*"))
    said = run(*arguments, status=2)
    assert "Traceback" not in said
    assert culprit in " ".join(said.split())
    assert not {path for path in set(folder.rglob("*")) - before if path.is_file()}


# ------------------------------------------------------- solve over time


@pytest.mark.smoke
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("start", ["gaussian", "vanishing", "aligned"])
def test_embeddings_over_time_follow_the_flow(
    run: Run,
    folder: Path,
    start: str,
    tied: bool,  # noqa: FBT001
) -> None:
    name = f"{start}-{tied}"
    printed = run(
        *("solve", "counts.npz", "-d", "4", "--dtype", "float64", "--times", "0,0.7,1.5,4"),
        *("--start", start, "--init", "0.02", "--tied" if tied else "--untied"),
        *("--out", f"{name}.safetensors", "--embeddings", f"{name}.npz"),
    )
    assert ("lies outside" in printed) == (start == "gaussian")
    spectrum = Spectrum.open(folder / f"{name}.safetensors")
    known = (spectrum.eigenvectors * spectrum.eigenvalues) @ spectrum.eigenvectors.T
    rows = rows_of(folder / f"{name}-times")
    times = [row["time"] for row in rows]
    assert times == [0, 0.7, 1.5, 4]
    words = [Embeddings.open(folder / row["embeddings"]).vectors for row in rows]
    assert [row["embeddings"] for row in rows] == [f"{name}-{n}.npz" for n in range(1, 5)]
    if tied:
        contexts = words
        whole = integrate_tied(known, words[0], times)
        others = whole
    else:
        contexts = [Embeddings.open(folder / row["contexts"]).vectors for row in rows]
        whole, others = integrate_untied(known, words[0], contexts[0], times)
    target, norm = true_target(folder), np.sum(true_target(folder) ** 2)
    # What an untied start has outside the eigenvectors stays, where M is taken for 0.
    seen = known if start == "gaussian" and not tied else target
    for k, row in enumerate(rows):
        now = words[k] @ contexts[k].T
        integrated = whole[k] @ others[k].T
        # The integrator may err by 1e-12 in each of about a hundred steps.
        assert np.linalg.norm(now - integrated) <= 1e-10 * np.linalg.norm(integrated)
        singular = np.sort(np.linalg.svd(words[k], compute_uv=False))[::-1]
        listed = np.sort([row[f"s_{j}"] for j in range(1, 5)])[::-1]
        np.testing.assert_allclose(listed, singular, rtol=1e-10, atol=100 * EPS * singular[0])
        loss = (np.sum((now - seen) ** 2) - np.sum(seen**2)) / 4
        # A difference of two numbers of size norm, sums of 40^2 terms.
        assert row["loss"] == pytest.approx(loss, abs=40 * EPS * norm)
        assert row["explained"] == pytest.approx(-4 * loss / norm, abs=160 * EPS)
        shares = singular**2 / np.sum(singular**2)
        shares = shares[shares > 0]
        assert row["effective_rank"] == pytest.approx(np.exp(-np.sum(shares * np.log(shares))))
    assert rows[-1]["loss"] < rows[0]["loss"]
    if start == "aligned":
        np.testing.assert_allclose(words[0], 0.02 * spectrum.eigenvectors, rtol=4 * EPS)


def test_columns_turn_into_modes(run: Run, folder: Path) -> None:
    run(
        *("solve", "counts.npz", "-d", "3", "--dtype", "float64", "--times", "300,3000"),
        *("--embeddings", "late.npz", "--out", "late.safetensors"),
    )
    spectrum = Spectrum.open(folder / "late.safetensors")
    late = Embeddings.open(folder / "late-2.npz").vectors
    # e^(-lambda_3 t) is far below rounding.
    np.testing.assert_allclose(late, spectrum.embeddings().vectors, atol=1e-9)


def test_without_embeddings_there_is_only_the_table(run: Run, folder: Path) -> None:
    before = set(folder.iterdir())
    printed = run("solve", "counts.npz", "-d", "3", "--times", "0.1:10:12", "--out", "only.st")
    made = {path.name for path in set(folder.iterdir()) - before}
    assert made == {"only.st", "only-times.csv", "only-times.json"}
    assert str(folder.resolve() / "only-times.csv") in printed
    assert len(rows_of(folder / "only-times")) == 12


def test_the_untied_minimiser_has_contexts(run: Run, folder: Path) -> None:
    run("solve", "counts.npz", "-d", "6", "--untied", "--embeddings", "u.npz", "--out", "u.st")
    words, contexts = (Embeddings.open(folder / f"u{x}.npz").vectors for x in ("", "-contexts"))
    target = true_target(folder)
    left, sizes, right = np.linalg.svd(target)
    best = (left[:, :6] * sizes[:6]) @ right[:6]
    assert np.linalg.norm(words @ contexts.T - best) < 1e-5 * sizes[0]
    np.testing.assert_allclose(words.T @ words, contexts.T @ contexts, atol=1e-5 * sizes[0])


# ------------------------------------------------------- times and names


@given(st.floats(1e-9, 1e9), st.floats(1.001, 1e6), st.integers(2, 50))
def test_geometric_times(first: float, ratio: float, number: int) -> None:
    last = first * ratio
    found = times_of(f"{first!r}:{last!r}:{number}")
    np.testing.assert_allclose(found, np.geomspace(first, last, number), rtol=100 * EPS)
    assert (found[0], found[-1]) == (first, last)


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=8, unique=True).map(sorted))
def test_listed_times(times: list[float]) -> None:
    assert times_of(",".join(map(repr, times))) == times


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "1,", "1,1", "-1", "nan", "inf", "1;2", "1:2", "1:2:1", "2:1:5", "1:2:3:4"),
        *("1:1:3", "0:1:5", "1:inf:4", "1:2:x", "1:2:99999999999"),
    ],
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--times is"):
        times_of(text)


def test_endings_go_before_the_suffix() -> None:
    for given_, wanted in {
        "a/emb.vec": "a/emb-1.vec",
        "emb.v2.txt": "emb.v2-1.txt",
        "emb.vec.gz": "emb-1.vec.gz",
        "emb": "emb-1",
    }.items():
        assert with_name(Path(given_), "-1") == Path(wanted)


# ------------------------------------------------------------- the guide


def test_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/dynamics.md").read_text(), re.DOTALL)
    assert len(blocks) >= 8
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/dynamics.md", "exec"), names)
    shown = capsys.readouterr().out
    assert "Trajectory(M*" in shown
    assert "True" in shown


def test_functions_of_the_guide_exist() -> None:
    import repsearch
    from repsearch import dynamics

    guide = (ROOT / "docs/dynamics.md").read_text()
    tables = guide[guide.index("## Functions") : guide.index("## On the command line")]
    for line in (line for line in tables.splitlines() if line.startswith("| `")):
        for name in re.findall(r"`\.?([A-Za-z_.]+)", line.split("|")[1]):
            homes = (repsearch, dynamics, repsearch.Trajectory)
            assert any(hasattr(home, name) for home in homes), name
