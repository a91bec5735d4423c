"""Word states by the command, and other commands asked of them."""

from __future__ import annotations

import csv
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

pytest.importorskip("torch", reason="language models need torch")
pytest.importorskip("transformers", reason="language models need transformers")

from tiny_language_models import save_model

from repsearch.cli import app, main
from repsearch.errors import InputError
from repsearch.language_models import (
    LabelledPrompt,
    LanguageModel,
    Prompt,
    prompt_states,
    word_states,
)

RELATIONS = ": royal\nman king\nwoman queen\nowl owls\nbright brightly\n"


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_states_and_probes_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(tmp_path / "model")
    words = "king queen man woman owl owls bright brightly they spoke of the zebra"
    Path("words").write_text("\n".join(words.split()))
    Path("pairs.txt").write_text(RELATIONS)
    said = run("states", "model", "--words", "words", "--out", "states")
    assert (
        "model: 12 words, layers 0 (the input) to 2, 16 numbers each\n"
        "Words in several tokens: 2\n"
        "Left out, not known to the tokenizer: 1 (zebra)\n"
    ) in said
    asked = ["--relations", "pairs.txt", "--out", "found"]
    assert "royal" in run("probe", "concepts", "states", "--time", 1, "--controls", 0, *asked)
    assert "royal" in run("probe", "emergence", "states", "--dims", "4,8", *asked)
    with pytest.raises(InputError, match="there is no layer 7"):
        run("probe", "concepts", "states", "--time", 7, *asked)
    with pytest.raises(InputError, match="--counts, --spectrum and --init are for word2vec"):
        run("probe", "emergence", "states", "--init", 1e-6, *asked)


def test_without_words_the_carried_ones_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(tmp_path / "model")
    said = run("states", "model", "--out", "states", "--template", "spoke of {}")
    assert "Left out, not known to the tokenizer: " in said


def test_prompts_and_the_layers_at_which_their_labels_are_directions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(tmp_path / "model")
    around = ("they spoke of the {}", "the next {} is this", "this is the {}", "of the {}", "{} is")
    rows = [
        {"text": text.format(word), "label": label, "pair": k, "concept": "age"}
        for k, text in enumerate(around)
        for word, label in (("king", "old"), ("queen", "new"))
    ]
    rows.append({"text": "zebra", "label": "x", "concept": "one"})
    rows += [{"text": f"{word} is", "label": "x", "concept": "one"} for word in ("owl", "man")]
    Path("p.jsonl").write_text("\n".join(map(json.dumps, rows)))
    said = run("states", "model", "--prompts", "p.jsonl", "--pooling", "mean", "--out", "s")
    assert (
        "model: 12 prompts in 2 concepts, 42 tokens; layers 0 (the input) to 2, 16 numbers each\n"
        "Left out, with a token not known or in a pair with such a one: 1 (the first: 'zebra')\n"
    ) in said
    said = run("probe", "layers", "s", "--layers", "0,2", "--out", "found")
    assert "age" in said
    assert "Too few groups, or draws, for any to be found: age." in " ".join(said.split())
    assert "Left out: one (it has 1 labels" in " ".join(said.split())
    with Path("found/layers.csv").open() as stream:
        table = list(csv.DictReader(stream))
    assert [row["layer"] for row in table] == ["0", "2"]
    # At layer 0, of means, all pairs differ alike: the words' own embeddings.
    assert float(table[0]["share"]) > 0.5
    assert Path("found/layers.png").stat().st_size > 5000


REFUSED = [
    ("states no-weights", "no-weights has no weights in safetensors; add them"),
    ("states unknown.gguf", "unknown.gguf cannot be opened (GGUF model with architecture percep"),
    ("states model --words zebra", "the tokenizer of model knows none of the words; pass others"),
    ("states model --prompts zebra.jsonl", "knows none of the prompts; pass others"),
    ("states model --prompts long.jsonl", "long.jsonl, line 2 ('of of of"),
    ("states model --words owl --template long", "the prompt 'of of of"),
    (
        "states nan --words owl",
        "nan gives a state that is not finite at layer 2 for 'The next",
    ),
    ("states nan --prompts owl.jsonl", "nan gives a state that is not finite at layer 2 for 'owl'"),
    ("states model --prompts owl.jsonl --words owl", "--prompts holds whole texts, and --words"),
    ("states model --prompts bad.jsonl", "bad.jsonl, line 1 has no label; write one"),
    ("probe layers nothing", "nothing holds no finished word states; make them by"),
    ("probe layers of-words", "of-words/layer-001.safetensors"),
    ("probe layers of-words --layers 0,x", "--layers is '0,x'; write whole numbers joined by"),
    ("probe layers of-words --layers 9", "there is no layer 9 in of-words; pass whole numbers"),
    ("probe layers of-prompts", "of-prompts/layer-001.safetensors has a state that is not finite"),
    ("probe layers of-prompts --layers 9", "there is no layer 9 in of-prompts; pass whole"),
    ("probe layers of-prompts --families sex", "there is no concept 'sex'; choose among pairs"),
    ("probe layers of-prompts --keep-case", "--relations and --keep-case are for states of words"),
    ("probe concepts of-prompts", "of-prompts holds prompt states, not word states; 'repsearch"),
]


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models and states that have something wrong with them, and files to ask them for."""
    gguf = pytest.importorskip("gguf", reason="GGUF files need gguf")
    folder = tmp_path_factory.mktemp("bad")
    (save_model(folder / "no-weights") / "model.safetensors").unlink()
    writer = gguf.GGUFWriter(folder / "unknown.gguf", "perceptron")
    writer.add_tensor("token_embd.weight", np.ones((4, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    weights = load_file(save_model(folder / "nan") / "model.safetensors")
    weights[next(name for name in weights if name.endswith("h.1.mlp.c_fc.weight"))][:] = np.nan
    save_file(weights, folder / "nan" / "model.safetensors", {"format": "pt"})
    save_model(folder / "model")
    (folder / "zebra").write_text("zebra\n")
    (folder / "owl").write_text("owl\nking\n")
    (folder / "zebra.jsonl").write_text('{"text": "zebra", "label": 1}\n')
    (folder / "owl.jsonl").write_text('{"text": "owl", "label": 1}\n')
    (folder / "bad.jsonl").write_text('{"text": "owl"}\n')
    long = " ".join(["of"] * 13)
    (folder / "long.jsonl").write_text(
        f'{{"text": "owl", "label": 1}}\n{{"text": "{long}", "label": 2}}\n'
    )
    opened = LanguageModel.open(folder / "model", dtype="float32")
    word_states(opened, ["king", "queen", "man", "woman"], folder / "of-words")
    pairs = [
        LabelledPrompt(Prompt(text, 0, len(text)), label, "pairs", pair=str(k))
        for k, rest in enumerate(("is", "of the owl", "spoke"))
        for label, word in (("m", "king"), ("f", "queen"))
        for text in (f"{word} {rest}",)
    ]
    prompt_states(opened, pairs, folder / "of-prompts")
    for name, key in (("of-words", "vectors"), ("of-prompts", "states")):
        path = folder / name / "layer-001.safetensors"
        with safe_open(path, "numpy") as held:
            about = held.metadata()
        held_by_name = load_file(path)
        assert key in held_by_name
        held_by_name[key][1] = np.nan
        save_file(held_by_name, path, about)
    return folder


@pytest.mark.parametrize(("command", "said"), REFUSED)
def test_bad_input_is_refused_in_a_sentence(
    bad: Path,
    command: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(bad)
    given = command.replace("--template long", f"--template '{' '.join(['of'] * 13)} {{}}'")
    out = ["--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["repsearch", *shlex.split(given), *out])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
