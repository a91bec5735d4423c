"""``repsearch probe``: what it finds in made-up embeddings, from every kind of source."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from probe_command import N, Run, command, write_relations
from training_runs import small_counts, spectrum_of

from repsearch import Embeddings, encode
from repsearch.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embeddings with one relation, and one of random pairs."""
    made = tmp_path_factory.mktemp("probe")
    write_relations(made)
    with (made / "pairs.tsv").open("a") as pairs:
        pairs.write("tiny\ta0\tr0\n")
    spectrum_of(small_counts(), 6).save(made / "spectrum.safetensors")
    small_counts().save(made / "counts.npz")
    (made / "text.txt").write_text("\n".join(["a b c d"] * 9 + ["e f g h"] * 9))
    return made


@pytest.fixture
def probe(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return command("probe", folder=folder, monkeypatch=monkeypatch, capsys=capsys)


@pytest.mark.smoke
def test_concepts_finds_the_relation_and_not_the_random_one(folder: Path, probe: Run) -> None:
    done = probe("concepts", "emb.safetensors", "--relations", "pairs.tsv", "--out", "found")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "linear: a direction" in said
    assert "chance: no direction that can be told from chance" in said
    assert "tiny: 1 groups of pairs" in said
    assert max(map(len, done.stdout.splitlines()[1:-1])) <= 80
    rows = {row["family"]: row for row in json.loads((folder / "found/concepts.json").read_text())}
    assert rows["linear"]["found"]
    assert not rows["chance"]["found"]
    # Of |m|^2 = 9 and a noise of 16 x 0.09 in each squared difference.
    assert rows["linear"]["share"] == pytest.approx(9 / (9 + 16 * 0.09), abs=0.1)
    assert rows["linear"]["share_low"] < rows["linear"]["share"] < rows["linear"]["share_high"]
    assert {file.name for file in (folder / "found").iterdir()} >= {
        "angles.png",
        "angles.csv",
        "modes-linear.png",
        "concepts.png",
        "concepts.csv",
    }
    about = json.loads((folder / "found/concepts-about.json").read_text())
    assert about["rests_on"]["permutations"] == 999
    assert "Of 2 relations, 1 is a direction" in about["summary"]


def test_a_family_whose_name_is_no_file_name_is_written_too(folder: Path, probe: Run) -> None:
    """It used to end the command after the tables."""
    named = (folder / "pairs.tsv").read_text().replace("linear", "male/female")
    (folder / "named.tsv").write_text(named)
    options = ("--relations", "named.tsv", "--controls", "0", "--out", "named")
    done = probe("concepts", "emb.safetensors", *options)
    assert done.returncode == 0, done.stderr
    assert "male/female: a direction" in " ".join(done.stdout.split())
    assert (folder / "named/modes-male-female.png").read_bytes()[1:4] == b"PNG"
    rows = json.loads((folder / "named/concepts.json").read_text())
    assert [row["family"] for row in rows] == ["male/female", "chance"]


@pytest.mark.smoke
def test_snr_is_high_for_the_relation_alone(folder: Path, probe: Run) -> None:
    done = probe("snr", "emb.safetensors", "--relations", "pairs.tsv", "--out", "snr")
    assert done.returncode == 0, done.stderr
    assert "tiny: too few pairs" in done.stdout
    rows = json.loads((folder / "snr/snr.json").read_text())
    last = {row["family"]: row for row in rows if row["d"] == 16}
    assert last["linear"]["snr"] > 3
    assert last["linear"]["p_value"] < 0.01
    assert last["chance"]["snr"] < 0.5
    assert (folder / "snr/snr.png").exists()


def test_an_infinite_snr_is_an_empty_cell(folder: Path, probe: Run) -> None:
    """Perfect analogies have no noise; JSON has no infinity."""
    words = [f"{side}{k}" for side in "ab" for k in range(4)]
    vectors = np.kron([[0.0], [1.0]], np.ones((4, 1))) * [[1.0, 0.0]]
    vectors[:, 1] = np.tile([4.0, -2.0, 1.0, -3.0], 2)
    Embeddings(words, vectors).save(folder / "perfect.safetensors")
    (folder / "perfect.tsv").write_text("".join(f"f\ta{k}\tb{k}\n" for k in range(4)))
    options = ("--relations", "perfect.tsv", "--no-accuracy", "--out", "perfect")
    done = probe("snr", "perfect.safetensors", *options)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((folder / "perfect/snr.json").read_text())
    assert (row["share"], row["snr"], row["accuracy"]) == (1.0, None, None)


@pytest.mark.smoke
def test_spiked_finds_one_spike_and_none_in_random_pairs(folder: Path, probe: Run) -> None:
    options = ("--relations", "pairs.tsv", "--controls", "5", "--out", "spiked")
    done = probe("spiked", "emb.safetensors", *options)
    assert done.returncode == 0, done.stderr
    assert "10 random families" in done.stdout
    assert "tiny: fewer than 5 pairs" in done.stdout
    rows = json.loads((folder / "spiked/spiked.json").read_text())
    found = {(row["family"], row["quantity"]): row for row in rows}
    assert found["linear", "spikes, Tracy-Widom sequence"]["value"] == 1
    assert found["linear", "p value of the mean"]["value"] < 0.01
    assert found["chance", "spikes, Tracy-Widom sequence"]["value"] == 0
    # N |m|^2 / (d sigma^2) of the embeddings made above.
    strength = found["linear", "strength"]
    assert strength["low"] < N * 9 / (16 * 0.09) < strength["high"]
    assert (folder / "spiked/spiked-linear.png").exists()


@pytest.mark.smoke
def test_topics_come_with_labels_and_their_coherence(folder: Path, probe: Run) -> None:
    done = probe(
        "topics", "spectrum.safetensors", "--counts", "counts.npz", "--modes", "2", "--words", "4"
    )
    assert done.returncode == 0, done.stderr
    assert "npmi" in done.stdout
    assert "of 4 topics are coherent above chance" in " ".join(done.stdout.split())
    assert "% of the words of these topics are different." in " ".join(done.stdout.split())
    # After the line that says what was opened.
    assert max(map(len, done.stdout.splitlines()[1:])) <= 80
    encode(folder / "text.txt", folder / "corpus", vocabulary_size=None)
    words = tuple("abcdefgh")
    vectors = np.kron([[1.0, 0.1], [-1.0, 0.2]], np.ones((4, 1)))
    Embeddings(words, vectors).save(folder / "topical.safetensors")
    options = ("--corpus", "corpus", "--measure", "c_v", "--modes", "1", "--words", "4")
    done = probe("topics", "topical.safetensors", *options, "--out", "topics")
    assert done.returncode == 0, done.stderr
    rows = json.loads((folder / "topics/coherence.json").read_text())
    assert [row["coherence"] for row in rows] == pytest.approx([1, 1])
    labels = json.loads((folder / "topics/labels.json").read_text())
    # Which end is which has no meaning.
    ends = sorted(sorted(row["label"].split()) for row in labels)
    assert set(ends[0]) <= set("abcd")
    assert set(ends[1]) <= set("efgh")
    assert all(len(end) == 3 for end in ends)


def test_topics_say_why_coherence_was_not_measured(folder: Path, probe: Run) -> None:
    (folder / "alone").mkdir()
    shutil.copy(folder / "spectrum.safetensors", folder / "alone")  # no counts beside it
    done = probe("topics", "alone/spectrum.safetensors", "--modes", "1", "--words", "3")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "Coherence was not measured: 6 of the 6 words, such as 'w" in said
    assert "are not in the carried counts; pass --counts or --corpus." in said
    assert "nan" not in done.stdout.lower()
    for spectrum in ("alone/spectrum.safetensors", "spectrum.safetensors"):
        single = probe("topics", spectrum, "--modes", "1", "--words", "1")
        assert "a topic of one word has none" in " ".join(single.stdout.split())


def test_topics_with_the_words_of_the_carried_counts_are_measured(folder: Path, probe: Run) -> None:
    words = ("physics", "king", "chemistry", "prince", "energy", "throne", "atom", "duke")
    vectors = np.kron(np.ones((4, 1)), [[1.0, 0.1], [-1.0, 0.2]])
    Embeddings(words, vectors).save(folder / "known.safetensors")
    done = probe("topics", "known.safetensors", "--modes", "1", "--words", "4")
    assert done.returncode == 0, done.stderr
    assert "topics are coherent above chance" in " ".join(done.stdout.split())


def test_topics_against_others_are_stable_or_not(folder: Path, probe: Run) -> None:
    spectrum_of(small_counts(seed=5), 6).save(folder / "other.safetensors")
    options = ("--modes", "2", "--words", "4", "--out", "against")
    same = probe("topics", "spectrum.safetensors", "--against", "spectrum.safetensors", *options)
    assert same.returncode == 0, same.stderr
    assert "in the other: modes 1, 2." in " ".join(same.stdout.split())
    both = ("--against", "spectrum.safetensors", "--against", "other.safetensors")
    done = probe("topics", "spectrum.safetensors", *both, *options)
    assert done.returncode == 0, done.stderr
    assert "No mode is found again in all 2 others" in " ".join(done.stdout.split())
    rows = json.loads((folder / "against/stability.json").read_text())
    assert len(rows) == 8
    assert [row["overlap"] for row in rows if row["other"] == 1] == pytest.approx([1] * 4)


@pytest.mark.smoke
def test_the_graph_of_topics_is_drawn(folder: Path, probe: Run) -> None:
    done = probe("topics", "emb.safetensors", "--graph", "--modes", "4", "--out", "graph")
    assert done.returncode == 0, done.stderr
    assert "words have" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines()[1:-1])) <= 80
    assert (folder / "graph/topic-graph.png").read_bytes()[1:4] == b"PNG"
    rows = json.loads((folder / "graph/topic-graph.json").read_text())
    assert all(0 < row["share"] <= 1 for row in rows)


def test_topics_of_embeddings_are_those_of_their_principal_axes(folder: Path, probe: Run) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(40, 5)) * [5, 4, 3, 2, 1]
    turned = vectors @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    words = tuple(f"v{k}" for k in range(40))
    for name, rows in (("straight", vectors), ("turned", turned)):
        Embeddings(words, rows).save(folder / f"{name}.safetensors")
    straight, other = (
        # Without the line that names the file.
        probe("topics", f"{name}.safetensors", "--words", "5").stdout.partition("\n")[2]
        for name in ("straight", "turned")
    )
    assert "mean entry" in straight
    assert straight == other


def test_topics_are_one_command_under_two_names(
    folder: Path, probe: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("topics", "spectrum.safetensors", "--words", "3", "--normalise", "cosine")
    under = probe(*options, "--frequent", "20")
    monkeypatch.setattr(sys, "argv", ["repsearch", *options, "--frequent", "20"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out == under.stdout


def test_the_registry_is_not_read_for_the_names_of_commands() -> None:
    program = (
        "import sys; from repsearch.cli import main\n"
        "try: main()\n"
        "except SystemExit: print('probes.registry' in sys.modules)"
    )
    for arguments, read in ((["--help"], "False"), (["topics", "--help"], "True")):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == read
        assert ("--against" in done.stdout) is (read == "True")


@pytest.mark.smoke
def test_a_run_is_probed_at_a_time_of_its_training(folder: Path, probe: Run) -> None:
    pytest.importorskip("torch")
    import repsearch as rs
    from repsearch import training

    record = training.Record(when=training.evenly(1.0, 4), snapshots=training.evenly(1.0, 4))
    training.train(
        small_counts(), folder / "run", d=4, until=1.0, start=rs.Gaussian(1e-2), record=record
    )
    pairs = "".join(f"f\tw{k}\tw{k + 1}\n" for k in range(0, 20, 2))
    (folder / "words.tsv").write_text(pairs)
    done = probe("concepts", "run", "--relations", "words.tsv", "--time", "0.55", "--controls", "0")
    assert done.returncode == 0, done.stderr
    assert "quartic at t = 0.5" in done.stdout
    assert "t = 1" in probe("snr", "run", "--relations", "words.tsv").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("concepts", "nowhere.vec"), "nowhere.vec"),
        (("concepts", "emb.safetensors", "--relations", "nowhere.tsv"), "nowhere.tsv"),
        (("concepts", "emb.safetensors"), "no pair of the relations"),
        (("concepts", "emb.safetensors", "--relations", "pairs.tsv", "--time", "1"), "--time"),
        (("concepts", "emb.safetensors", "--relations", "pairs.tsv", "--families", "x"), "'x'"),
        (("snr", "emb.safetensors", "--relations", "pairs.tsv", "--families", "tiny"), "groups"),
        (
            ("spiked", "emb.safetensors", "--relations", "pairs.tsv", "--families", "tiny"),
            "5 pairs",
        ),
        (("topics", "emb.safetensors", "--measure", "c_v"), "--corpus"),
        (("topics", "emb.safetensors", "--corpus", "c", "--counts", "d"), "give one of them"),
        (("topics", "emb.safetensors", "--modes", "0"), "modes"),
        (("topics", "emb.safetensors", "--against", "nowhere.vec"), "nowhere.vec"),
        (("topics", "emb.safetensors", "--against", "spectrum.safetensors"), "none of the 48"),
        (
            ("topics", "emb.safetensors", "--counts", "counts.npz"),
            "are not in the counts, too many",
        ),
        (("topics", "spectrum.safetensors", "--time", "1"), "--time"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    probe: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = probe(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
