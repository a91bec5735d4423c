"""``repsearch reproduce``: all figures of a few hundred words, killed, gone on with, and again."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import TEXT
from command_line import repsearch as process
from paper_counts import paper_counts
from typer.testing import CliRunner

from probes.reproduce.published import published
from probes.reproduce.settings import FIGURES
from probes.reproduce.trained import EXPLAINED, OWN_FALL
from repsearch.cli import app
from repsearch.cli.bars import Bars
from repsearch.cli.commands.reproduce import _counts
from repsearch.errors import InputError

SMALL = (
    "--counts", "counts.npz", "-d", "12", "--columns", "48", "--train-words", "60", "--train-d",
    "5", "--train-modes", "2", "--rows", "10", "--format", "png",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reproduce")
    paper_counts().save(made / "counts.npz")
    return made


@pytest.fixture(scope="module")
def all_made(folder: Path) -> subprocess.CompletedProcess[str]:
    """Every figure, once, by a process of its own."""
    pytest.importorskip("torch", reason="trained panels need the extra repsearch[torch]")
    return process("reproduce", *SMALL, "--out", "all", cwd=folder)


def stages(folder: Path) -> dict[str, str]:
    """What every stage of a run folder was worked out from, and when."""
    return {
        path.parent.name: f"{json.loads(path.read_text())['key']} {path.stat().st_mtime_ns}"
        for path in folder.glob("stages/*/stage.json")
    }


def contents(folder: Path) -> dict[str, bytes]:
    """All that a reader looks at: pictures, tables, the page."""
    paths = [*folder.glob("figures/*"), *folder.glob("tables/*"), folder / "figures.md"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_every_figure_with_pictures_tables_and_page(folder, all_made):
    assert all_made.returncode == 0, all_made.stderr
    said = all_made.stdout + all_made.stderr
    assert all(f"{name:<3} " in all_made.stdout for name in FIGURES)
    assert "not made" not in said
    assert max(map(len, all_made.stdout.split("Figures: ")[0].splitlines())) <= 100
    made = folder / "all"
    for name in FIGURES:
        assert (made / "figures" / f"figure-{name}.png").stat().st_size > 5000
        assert list((made / "tables").glob(f"figure-{name}-*.csv"))
    page = (made / "figures.md").read_text()
    assert all(f"## Figure {name}:" in page for name in FIGURES)


def test_what_is_on_the_page_is_in_the_json_and_in_the_tables(folder, all_made):
    made = folder / "all"
    found = json.loads((made / "figures.json").read_text())
    page = (made / "figures.md").read_text()
    # Of figure 5 the paper prints no number.
    assert {row["figure"] for row in found["published"]} == set(FIGURES) - {"5"}
    assert "of 12 modes of word2vec have half of themselves within 5 modes of QWEM's" in page
    for row in found["published"]:
        if row["found"] is not None:
            places = row["decimals"]
            assert f"| {row['what']} |" in page
            assert f"{row['found']:,.{places}f}" in page
    with (made / "tables" / "figure-3b-benchmarks.csv").open() as stream:
        benchmarks = {(row["model"], row["benchmark"]): row for row in csv.DictReader(stream)}
    ours = found["figures"]["3b"]["numbers"]["3b.QWEM.analogies"]
    assert float(benchmarks["QWEM", "analogies"]["value"]) == ours["value"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_theory_of_qwem_is_its_training(folder, all_made):
    """Nothing is fitted, so that a wrong start, clock or matrix would show here."""
    curves = rows(folder / "all" / "tables" / "figure-2-curves.csv")
    for start in ("small", "large"):
        theory, trained = (
            [float(row["s1"]) for row in curves if (row["model"], row["start"]) == (model, start)]
            for model in ("theory", "qwem")
        )
        apart = [abs(a / b - 1) for a, b in zip(theory, trained, strict=True)]
        assert statistics.median(apart) < 0.02


def test_every_number_has_a_published_one_and_a_reason_that_holds(folder, all_made):
    found = json.loads((folder / "all" / "figures.json").read_text())
    for name, one in found["figures"].items():
        assert {published()[number].figure for number in one["numbers"]} <= {name}
    by_name = {row["name"]: row for row in found["published"]}
    assert by_name["3b.QWEM, trained.men"]["found"] is None
    assert by_name["3b.QWEM, trained.men"]["at"] == "see svd(M*)"
    assert by_name["1.sigma.1"]["why"].keys() == {"scale", "corpus"}
    assert by_name["3b.QWEM.men"]["why"]["dimension"] == "d = 12 here, 200 there"
    assert "Spectra are those of d = 48" in " ".join(found["figures"]["6"]["notes"])
    assert not any(name.startswith("6.") and "d_eff" in name
                   for name in found["figures"]["6"]["numbers"])  # fmt: skip


def test_losses_are_on_the_scales_that_they_have(folder, all_made):
    by_row: dict[str, list[dict[str, str]]] = {}
    for row in rows(folder / "all" / "tables" / "figure-1-curves.csv"):
        by_row.setdefault(row["row"].partition(" (")[0], []).append(row)
    assert {name: found[0]["loss_is"] for name, found in by_row.items()} == {
        "closed form": EXPLAINED, "QWEM, trained": EXPLAINED, "word2vec, trained": OWN_FALL,
    }  # fmt: skip
    for found in by_row.values():
        losses = [float(row["loss"]) for row in found if row["loss"]]
        assert 0 <= min(losses) < max(losses) <= 1 + 1e-6
    assert min(float(row["loss"]) for row in by_row["word2vec, trained"]) == 0
    assert (
        "The loss of word2vec is on a scale of its own" in (folder / "all/figures.md").read_text()
    )


def test_a_picture_that_is_not_of_its_numbers_is_not_on_the_page(folder, all_made, tmp_path):
    shutil.copytree(folder / "all", tmp_path / "all")
    picture = tmp_path / "all" / "figures" / "figure-8.png"
    whole = picture.read_bytes()
    shutil.copy(tmp_path / "all" / "figures" / "figure-7.png", picture)
    few = [*SMALL, "--out", str(tmp_path / "all")]
    few[few.index("counts.npz")] = str(folder / "counts.npz")
    for asked, shown in (("4", False), ("8", True), ("4", True)):
        done = CliRunner().invoke(app, ["reproduce", *few, "--only", asked])
        assert done.exit_code == 0, done.output
        page = (tmp_path / "all" / "figures.md").read_text()
        assert ("## Figure 8:" in page) is shown
        assert "## Figure 5:" in page
    assert picture.read_bytes() == whole
    done = CliRunner().invoke(app, ["reproduce", *few[:-3], "svg", *few[-2:], "--only", "8"])
    assert done.exit_code == 0, done.output
    assert not picture.exists()
    page = (tmp_path / "all" / "figures.md").read_text()
    assert "(figures/figure-8.svg)" in page
    assert "(figures/figure-7.png)" in page


def test_unchanged_stages_are_skipped_and_nothing_is_written(folder, all_made):
    before, seen = stages(folder / "all"), contents(folder / "all")
    again = process("reproduce", *SMALL, "--out", "all", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert "Nothing has changed." in again.stderr
    assert stages(folder / "all") == before
    assert contents(folder / "all") == seen


def test_changed_settings_recompute_what_rests_on_them(folder, all_made, tmp_path):
    shutil.copytree(folder / "all", tmp_path / "all")
    before = stages(tmp_path / "all")
    changed = [*SMALL, "--negatives", "2"]
    changed[changed.index("counts.npz")] = str(folder / "counts.npz")
    done = process("reproduce", *changed, "--out", "all", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    after = stages(tmp_path / "all")
    anew = {name for name in after if after[name] != before[name]}
    # Setting 3.1 has no negatives of its own, but trained runs are one kind of stage.
    assert {"minimum", "run-word2vec-small", "figure-3b", "figure-1"} <= anew
    assert anew.isdisjoint({"modes", "ppmi", "pmi", "figure-4", "figure-6", "figure-8"})


def test_again_from_its_own_settings_to_the_same_bits(folder, all_made):
    toml = (folder / "all" / "reproduce.toml").read_text()
    assert 'only = ["1", "2", "3a", "3b", "4", "5", "6", "7", "8"]' in toml
    (folder / "again.toml").write_text(toml.replace('"1", "2", "3a", "3b", ', ""))
    done = process("reproduce", "--settings", "again.toml", "--out", "again", cwd=folder)
    assert done.returncode == 0, done.stderr
    before, again = contents(folder / "all"), contents(folder / "again")
    assert {"figures/figure-7.png", "tables/figure-4-curves.csv"} <= set(again)
    assert all(again[name] == before[name] for name in again if name != "figures.md")


def test_killed_in_mid_run_it_goes_on_to_the_same_bits(folder, all_made):
    command = [sys.executable, "-c", "from repsearch.cli import main; main()", "reproduce"]
    environment = {"PYTHONWARNINGS": "error", **os.environ, "COLUMNS": "80"}
    killed = folder / "killed"
    running = subprocess.Popen(
        [*command, *SMALL, "--out", "killed"], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    began = killed / "stages" / "run-word2vec-small" / "begun.json"
    while not began.exists():
        assert running.poll() is None, running.communicate()
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    kept = stages(killed)
    assert "modes" in kept
    assert "run-word2vec-small" not in kept
    done = process("reproduce", *SMALL, "--out", "killed", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert {name: one for name, one in stages(killed).items() if name in kept} == kept
    assert contents(killed) == contents(folder / "all")


def test_a_damaged_stage_is_worked_out_again(folder, all_made, tmp_path):
    shutil.copytree(folder / "all", tmp_path / "all")
    spectrum = tmp_path / "all" / "stages" / "ppmi" / "spectrum.safetensors"
    data = bytearray(spectrum.read_bytes())
    data[-1] ^= 1
    spectrum.write_bytes(data)
    few = [*SMALL, "--out", "all", "--only", "5"]
    few[few.index("counts.npz")] = str(folder / "counts.npz")
    done = process("reproduce", *few, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert spectrum.read_bytes() == (folder / "all/stages/ppmi/spectrum.safetensors").read_bytes()


def test_one_bad_figure_does_not_stop_the_rest(folder, monkeypatch):
    from dataclasses import replace

    from probes.reproduce import study

    def bad(_: object) -> object:
        raise RuntimeError("out of ink")

    monkeypatch.chdir(folder)
    figures = {**study.PAPER, "6": replace(study.PAPER["6"], measure=bad)}
    monkeypatch.setattr(study, "PAPER", figures)
    done = CliRunner().invoke(app, ["reproduce", "6", "8", *SMALL, "--out", "bad"])
    assert done.exit_code == 1
    assert "not made: RuntimeError: out of ink" in done.output
    assert (folder / "bad" / "figures" / "figure-8.png").exists()
    assert "Not made: RuntimeError: out of ink." in (folder / "bad" / "figures.md").read_text()
    assert not list((folder / "bad" / "figures").glob("figure-6.*"))


def test_without_torch_trained_panels_are_left_out(folder, monkeypatch):
    from probes.reproduce import study

    monkeypatch.chdir(folder)
    monkeypatch.setattr(study, "has_torch", lambda: False)
    done = CliRunner().invoke(app, ["reproduce", "1", "2", "3b", "7", *SMALL, "--out", "closed"])
    assert done.exit_code == 1
    assert "There is no torch" in done.output
    assert "not made: all of it is trained, and there is no torch here" in done.output
    page = (folder / "closed" / "figures.md").read_text()
    assert page.count("for there is no torch here") == 3
    assert (folder / "closed" / "figures" / "figure-2.png").exists()


def test_formats_and_figures_by_number(folder):
    done = process("reproduce", *SMALL[:-1], "svg", "--out", "svg", "--only", "4", "8", cwd=folder)
    assert done.returncode == 0, done.stderr
    made = {path.name for path in (folder / "svg" / "figures").iterdir()}
    assert made == {"figure-4.svg", "figure-8.svg"}
    assert b"<dc:date>" not in (folder / "svg" / "figures" / "figure-8.svg").read_bytes()


def test_of_a_text_which_is_counted_once(folder):
    (folder / "text.txt").write_text(TEXT)
    words = ["--text", "text.txt", "--tokenizer", "split", "--only", "5", "-d", "3"]
    first = process("reproduce", *words, "--columns", "4", "--out", "text", cwd=folder)
    assert "5   overlaps" in first.stdout, first.stderr
    counted = stages(folder / "text")["counts"]
    assert process(
        "reproduce", *words, "--columns", "4", "--out", "text", cwd=folder
    ).returncode == (first.returncode)
    assert stages(folder / "text")["counts"] == counted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["9"], "there is no figure '9'; there are 1, 2, 3a, 3b, 4, 5, 6, 7, 8"),
        (["--only", "4,x"], "there is no figure 'x'; there are 1,"),
        (["--format", "bmp"], "there is no format 'bmp'; there are png, pdf, svg"),
        (["-d", "2"], "d is 2; pass a whole number of at least 3"),
        (["--train-words", "99999"], "train_words is 99,999; pass at most "),
        (["--train-d", "200", "--train-words", "120"], "train_d is 200; pass at most 120"),
        (["--small", "1"], "small is 1 and large 0.1; pass a smaller start and a larger one"),
        (["--large", "nan"], "large is nan; pass a positive number"),
        (["--negatives", "0"], "negatives is 0.0; pass a positive number"),
        (["--seed", "-1"], "seed is -1; pass a whole number of at least 0"),
        (["--counts", "missing.npz"], "missing.npz does not exist"),
        (["--text", "missing.txt"], "--counts and --text are both given; give one of them"),
        (["--settings", "missing.toml"], "missing.toml does not exist; check the path"),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    counts = [] if "--counts" in arguments else ["--counts", "counts.npz"]
    done = CliRunner().invoke(app, ["reproduce", *counts, *arguments, "--out", "refused"])
    assert isinstance(done.exception, InputError), done.output
    assert said in str(done.exception)


def test_errors_name_options_and_end_with_status_2(folder):
    done = process("reproduce", "--train-words", "3", "--out", "refused", cwd=folder)
    assert done.returncode == 2
    assert done.stderr == "error: --train-words is 3; pass a whole number of at least 10\n"


def counted_words(text: Path, out: Path, words: str | None) -> tuple[str, ...]:
    """Words of the counts that figures of a text are made of."""
    source = {
        "vocabulary": words, "window": 16, "weighting": "linear", "tokenizer": "split",
        "min_count": 1, "min_length": 1, "document": "line", "field": None, "memory": "1GiB",
    }  # fmt: skip
    with Bars() as bars:
        return _counts(None, [text], out, source, 1, bars).words


def test_another_list_of_words_under_the_same_name_is_counted_anew(tmp_path):
    """The path alone was in the key, so that the counts of the old words were taken."""
    (tmp_path / "text.txt").write_text("a b c a b c\n")
    words = tmp_path / "words.txt"
    words.write_text("a\nb\n")
    assert set(counted_words(tmp_path / "text.txt", tmp_path / "run", str(words))) == {"a", "b"}
    before = stages(tmp_path / "run")
    words.rename(tmp_path / "moved.txt")
    counted_words(tmp_path / "text.txt", tmp_path / "run", str(tmp_path / "moved.txt"))
    assert stages(tmp_path / "run") == before  # the same words lie elsewhere
    words.write_text("a\nc\n")
    assert set(counted_words(tmp_path / "text.txt", tmp_path / "run", str(words))) == {"a", "c"}


def test_a_folder_of_text_is_its_files_and_not_its_folders_or_broken_links(tmp_path):
    (tmp_path / "text" / "below").mkdir(parents=True)
    (tmp_path / "text" / "below" / "one.txt").write_text("a b c d\n")
    (tmp_path / "text" / "gone").symlink_to(tmp_path / "nowhere")
    assert set(counted_words(tmp_path / "text", tmp_path / "run", None)) == set("abcd")
    before = stages(tmp_path / "run")
    os.utime(tmp_path / "text" / "below", (1, 1))
    counted_words(tmp_path / "text", tmp_path / "run", None)
    assert stages(tmp_path / "run") == before


def test_the_list_of_words_is_kept_as_a_whole_path(folder, monkeypatch):
    (folder / "words.txt").write_text("a\nb\n")
    (folder / "abc.txt").write_text("a b c\n")
    kept = []
    monkeypatch.chdir(folder)
    monkeypatch.setattr(
        "repsearch.cli.commands.reproduce._counts", lambda *given: kept.append(given[3]) or exit()
    )
    CliRunner().invoke(app, ["reproduce", "--text", "abc.txt", "-V", "words.txt", "--out", "kept"])
    assert kept[0]["vocabulary"] == str(folder / "words.txt")
