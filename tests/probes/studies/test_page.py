"""One page of finished runs: the page anew, several together, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import repsearch as rs
from probes.report.numbers import unpacked
from probes.studies.page import page_of_runs
from probes.studies.run import Study
from probes.studies.run_folder import run_folder
from repsearch import Counts
from repsearch.cli import app
from repsearch.errors import InputError
from repsearch.progress import silent

torch = pytest.importorskip("torch", reason="torch is not installed, and a run is trained here")

from training_runs import small_counts, spectrum_of, usual  # noqa: E402

from repsearch import training  # noqa: E402

SETTINGS = {"d": 5, "seed": 0, "dtype": "float64", "device": "cpu", "threads": None}


def studied(folder: Path, counts: Counts, seed: int = 0) -> Path:
    with run_folder(folder) as place:
        Study(place, {**SETTINGS, "seed": seed}, silent).run(counts, f"Run of {folder.name}", {})
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    counts = small_counts()
    studied(made / "one", counts)
    studied(made / "two", small_counts(seed=1), seed=1)
    until = 25 / float(spectrum_of(counts, 5).eigenvalues[0])
    training.train(
        counts, made / "trained", d=5, until=until, start=rs.Gaussian(1e-3), record=usual(until)
    )
    return made


def numbers(page: Path) -> dict[str, Any]:
    found = re.search(r'id="packed-numbers">([^<]+)</script>', page.read_text("utf-8"))
    assert found
    content: dict[str, Any] = json.loads(unpacked(found[1]))
    return content


def test_the_page_of_one_run_is_made_anew_to_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    before = (folder / "one" / "report.html").read_text("utf-8")
    page = page_of_runs([folder / "one"], tmp_path / "again.html")
    again = page.read_text("utf-8")
    cut = re.compile(r'id="packed-numbers">[^<]+<')
    assert cut.sub("", again) == cut.sub("", before)
    (new,), (old,) = numbers(page)["runs"], numbers(folder / "one" / "report.html")["runs"]
    assert {**new, "name": ""} == old


def test_two_runs_have_their_curves_together(folder: Path, tmp_path: Path) -> None:
    page = page_of_runs([folder / "one", folder / "two"], tmp_path / "both.html")
    found = numbers(page)
    assert [run["name"] for run in found["runs"]] == ["one", "two"]
    lines = found["comparison"]["eigenvalues"]["lines"]
    for name, line in zip(("one", "two"), lines, strict=True):
        spectrum = rs.Spectrum.open(folder / name / "spectrum.safetensors")
        assert line["y"] == pytest.approx(spectrum.eigenvalues, rel=1e-4)
    for line in found["comparison"]["loss"]["lines"]:
        assert (line["y"][0], line["y"][-1]) == (0, 1)
    text = page.read_text("utf-8")
    assert 'id="run-1-learning"' in text
    assert 'id="run-2-learning"' in text


def test_a_trained_run_stands_beside_its_closed_form(folder: Path, tmp_path: Path) -> None:
    page = page_of_runs([folder / "one", folder / "trained"], tmp_path / "beside.html")
    lines = numbers(page)["comparison"]["values"]["lines"]
    run = training.TrainedTrajectory(folder / "trained")
    recorded = [line for line in lines if line["dots"]]
    for mode, line in enumerate(recorded):
        assert line["y"] == pytest.approx(run.singular_values()[:, mode], rel=1e-4)
        assert line["x"] == pytest.approx(run.times, rel=1e-4)
    predicted = [line for line in lines if line["dashed"]]
    assert len(predicted) == len(recorded) == 5
    # The leading mode at the end is learned, and the closed form has it where training has.
    assert predicted[0]["y"][-1] == pytest.approx(recorded[0]["y"][-1], rel=0.02)


def test_without_the_same_words_no_closed_form_is_drawn(folder: Path, tmp_path: Path) -> None:
    other = studied(tmp_path / "other", small_counts(size=25))
    page = page_of_runs([other, folder / "trained"], tmp_path / "beside.html")
    assert not any(line["dashed"] for line in numbers(page)["comparison"]["values"]["lines"])
    assert "no run beside it has the same words" in page.read_text("utf-8")


def drawn_beside(runs: list[Path], page: Path) -> tuple[bool, str]:
    """Whether a closed form is drawn, and what is said of it."""
    page_of_runs(runs, page)
    lines = numbers(page)["comparison"]["values"]["lines"]
    said = re.search(r"Closed form</t[hd]>\s*<td[^>]*>([^<]*)<", page.read_text("utf-8"))
    assert said
    return any(line["dashed"] for line in lines), said[1]


def test_no_closed_form_is_drawn_of_the_same_words_in_other_counts(
    folder: Path, tmp_path: Path
) -> None:
    """``two`` has the words of ``trained`` and none of its numbers."""
    words = [rs.Spectrum.open(folder / name / "spectrum.safetensors").words
             for name in ("one", "two")]  # fmt: skip
    assert words[0] == words[1]
    drawn, said = drawn_beside([folder / "two", folder / "trained"], tmp_path / "other.html")
    assert (drawn, said) == (False, "not drawn: the run beside it is of other counts")
    both = [folder / "two", folder / "one", folder / "trained"]
    drawn, said = drawn_beside(both, tmp_path / "both.html")
    assert drawn
    assert said.startswith("of M* of the same counts")


@pytest.mark.parametrize(
    ("change", "drawn", "said"),
    [
        ({"loss": training.Sgns()}, True, "near the origin alone"),
        ({"weighting": rs.Setting31(2.0)}, False, "are not Setting 3.1 (1 negative)"),
        ({"weighting": rs.Unweighted(1.0)}, False, "are not Setting 3.1 (1 negative)"),
        ({"tied": False}, False, "needs tied weights"),
    ],
)
def test_a_closed_form_is_that_of_the_loss_and_weights(
    folder: Path, tmp_path: Path, change: dict[str, Any], drawn: object, said: str
) -> None:
    until = 0.2 / float(spectrum_of(small_counts(), 5).eigenvalues[0])
    training.train(
        small_counts(), tmp_path / "other", d=5, until=until, start=rs.Gaussian(1e-3),
        record=usual(until, rows=3, snapshots=2), **change,
    )  # fmt: skip
    found = drawn_beside([folder / "one", tmp_path / "other"], tmp_path / "page.html")
    assert found[0] is drawn
    assert said in found[1]


def test_a_run_of_an_older_program_has_its_counts_in_its_folder(
    folder: Path, tmp_path: Path
) -> None:
    old = tmp_path / "one"
    shutil.copytree(folder / "one", old)
    (old / "run.json").write_text(json.dumps({"old": True}))
    drawn, said = drawn_beside([old, folder / "trained"], tmp_path / "page.html")
    assert (drawn, "is not recorded" in said) == (False, True)
    for seed, same in ((1, False), (0, True)):
        small_counts(seed=seed).save(old / "counts.npz")
        assert drawn_beside([old, folder / "trained"], tmp_path / "page.html")[0] is same


def altered(folder: Path) -> Path:
    studied(folder, small_counts())
    with (folder / "report.json").open("a") as stream:
        stream.write(" ")
    return folder


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (lambda here, there: [there / "trained"], "training runs"),
        (lambda here, there: [there / "nowhere"], "is no folder of a run"),
        (lambda here, there: [there / "one", there / "two" / ".." / "one"], "two runs are called"),
        (lambda here, there: [there], "has no report.json"),
        (lambda here, there: [altered(here / "altered")], "is damaged or of another run"),
    ],
)
def test_what_is_no_finished_run_is_refused(
    runs: Any, message: str, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        page_of_runs(runs(tmp_path, folder), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_layout_of_another_version_or_shape_is_refused(folder: Path, tmp_path: Path) -> None:
    content = json.loads((folder / "one" / "report.json").read_text("utf-8"))
    for change, message in (
        ({"format": 99}, "has the format 99"),
        ({"kind": "poem"}, "is damaged"),
        ({"topics": None}, "is damaged"),
        ({"drawings": 3}, "is damaged"),
    ):
        other = tmp_path / str(len(list(tmp_path.iterdir())))
        other.mkdir()
        (other / "report.json").write_text(json.dumps({**content, **change}))
        (other / "run.json").write_text(json.dumps({"old": True}))
        with pytest.raises(InputError, match=message):
            page_of_runs([other], tmp_path / "page.html")


def test_the_commands_make_what_the_functions_do(folder: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> None:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output

    runs = [folder / "one", folder / "two"]
    run("report", *runs, "--out", tmp_path / "page.html")
    assert numbers(tmp_path / "page.html") == numbers(page_of_runs(runs, tmp_path / "same.html"))
    run("atlas", folder / "one" / "embeddings.safetensors", "--out", tmp_path / "words.tsv")
    lines = (tmp_path / "words.tsv").read_text("utf-8").splitlines()
    words = rs.Embeddings.open(folder / "one" / "embeddings.safetensors").words
    assert len(lines) == len(words)
