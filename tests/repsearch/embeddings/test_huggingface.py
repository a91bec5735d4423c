"""Folders of language models in the Hugging Face layout, each small and written here."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file
from strategies import settings  # noqa: F401  (sets the profile)

from probes.concepts import whitened
from repsearch.cli import main
from repsearch.embeddings import Embeddings, huggingface_embeddings
from repsearch.embeddings.token_words import token_words
from repsearch.errors import InputError

Real = NDArray[np.floating[Any]]
D = 5
SPECIAL = {"special": True, "single_word": False}
BYTE_LEVEL = {
    "model": {
        "type": "BPE",
        "vocab": {
            "<|endoftext|>": 0,
            "king": 1,
            "\u0120king": 2,
            "ing": 3,
            "\u0120queen": 7,
            # UTF-8 in the alphabet of GPT-2: C3 A9, and E4 B8 AD, whose last byte has no sign.
            "\u0120caf\u00c3\u00a9": 5,
            "\u0120\u00e4\u00b8\u0143": 6,
            "\u0120\u00e4\u00b8": 4,
            "\u0120": 8,
            "\u0120\u0120run": 9,
            "\u0120\u010a": 10,
            "\u0120,": 11,
        },
        "merges": [],
        "continuing_subword_prefix": "",
    },
    "pre_tokenizer": {
        "type": "Sequence",
        "pretokenizers": [{"type": "Split"}, {"type": "ByteLevel", "add_prefix_space": False}],
    },
    "decoder": {"type": "ByteLevel"},
    "added_tokens": [{"id": 0, "content": "<|endoftext|>", **SPECIAL}],
}
UNIGRAM = {
    "model": {
        "type": "Unigram",
        "unk_id": 0,
        "vocab": [
            ["<unk>", 0.0],
            ["\u2581king", -2.0],
            ["king", -3.0],
            ["\u2581", -3.5],
            ["\u2581queen", -4.0],
            ["\u2581\u2581", -5.0],
            ["\u2581caf\u00e9", -6.0],
            ["\u2581<s>", -7.0],
        ],
    },
    "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581"},
    "added_tokens": [
        {"id": 0, "content": "<unk>", **SPECIAL},
        {"id": 7, "content": "\u2581<s>", **SPECIAL},
    ],
}
WORD_PIECE = {
    "model": {
        "type": "WordPiece",
        "continuing_subword_prefix": "##",
        "vocab": {
            "[PAD]": 0,
            "[unused0]": 1,
            "[UNK]": 2,
            "king": 4,
            "queen": 3,
            "##ing": 5,
            "##king": 6,
            "caf\u00e9": 7,
        },
    },
    "added_tokens": [
        {"id": 0, "content": "[PAD]", **SPECIAL},
        {"id": 2, "content": "[UNK]", **SPECIAL},
    ],
}
KINDS = {
    "byte-level": (BYTE_LEVEL, {"king": 2, "café": 5, "中": 6, "queen": 7, ",": 11}),
    "unigram": (UNIGRAM, {"king": 1, "queen": 4, "café": 6}),
    "word-piece": (WORD_PIECE, {"queen": 3, "king": 4, "café": 7}),
}


def matrix(rows: int = 12, *, seed: int = 0) -> Real:
    return np.random.default_rng(seed).normal(size=(rows, D)).astype(np.float32)


def model(
    folder: Path,
    tensors: dict[str, Real],
    *,
    tokenizer: dict[str, Any] = WORD_PIECE,
    config: dict[str, Any] | None = None,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    config = {"architectures": ["GPT2LMHeadModel"]} if config is None else config
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    if tensors:
        save_file(tensors, folder / "model.safetensors")
    return folder


def by_hand(path: Path, name: str, dtype: str, content: bytes, *, pad: int = 0) -> None:
    """A safetensors file as its specification has it."""
    count = len(content) // {"BF16": 2, "F16": 2, "F32": 4, "I8": 1}[dtype]
    tensors = {
        "first": {"dtype": "I8", "shape": [3], "data_offsets": [0, 3]},
        name: {
            "dtype": dtype,
            "shape": [count // D, D],
            "data_offsets": [3, 3 + len(content)],
        },
    }
    header = json.dumps({"__metadata__": {"format": "pt"}, **tensors}).encode() + b" " * pad
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\1\2\3" + content)


# ---------------------------------------------------------------- tokenizers


@pytest.mark.parametrize("kind", KINDS)
def test_words_are_the_tokens_that_begin_one(tmp_path: Path, kind: str) -> None:
    tokenizer, expected = KINDS[kind]
    rows = matrix()
    found = huggingface_embeddings(
        model(tmp_path / "gpt", {"lm_head.weight": rows}, tokenizer=tokenizer)
    )
    assert list(found.words) == list(expected)
    for word, number in expected.items():
        assert found[word].tobytes() == rows[number].tobytes()


@given(st.text(st.characters(exclude_categories=["Cs", "Z"]), min_size=1, max_size=8))
def test_any_word_comes_back_from_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """The alphabet of byte-level BPE, from its definition: printable Latin-1 is itself."""
    word = "".join(text.split())
    signs, spare = {}, 0x100
    for byte in range(256):
        if 0x21 <= byte <= 0x7E or 0xA1 <= byte <= 0xAC or byte >= 0xAE:
            signs[byte] = chr(byte)
        else:
            signs[byte] = chr(spare)
            spare += 1
    token = "".join(signs[byte] for byte in f" {word}".encode())
    tokenizer = BYTE_LEVEL | {"model": {"type": "BPE", "vocab": {token: 0, signs[0xFF]: 1}}}
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_text(json.dumps(tokenizer))
    if word:
        assert token_words(path) == {word: 0}


@pytest.mark.parametrize(
    ("vocabulary", "changed", "expected"),
    [
        # Llama 2: BPE over SentencePiece's signs, with single bytes and places kept free.
        (
            {"<0x0A>": 0, "\u2581the": 1, "the": 2, "\u2581<0x0A>": 3, "\u2581<unused_7>": 4},
            {"model": {"type": "BPE", "byte_fallback": True}},
            {"the": 1},
        ),
        ({"the": 1, "of": 0}, {"model": {"type": "WordLevel"}}, {"of": 0, "the": 1}),
        # Without a prefix of its own a mark before words is all there is.
        ({"\u0120the": 0, "the": 1}, {"normalizer": {"type": "ByteLevel"}}, {"the": 0}),
        (
            {"the": 0, "The": 1, "@@e": 2},
            {"model": {"type": "BPE", "continuing_subword_prefix": "@@"}},
            {"the": 0, "The": 1},
        ),
    ],
)
def test_other_tokenizers(
    tmp_path: Path, vocabulary: dict[str, int], changed: dict[str, Any], expected: dict[str, int]
) -> None:
    content: dict[str, Any] = {"model": {"type": "BPE"}} | changed
    content["model"]["vocab"] = vocabulary
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    assert token_words(tmp_path / "tokenizer.json") == expected


# ---------------------------------------------------------------- which matrix


UNEMBEDDING, INPUT = matrix(seed=1), matrix(seed=2)
TIED = "unembedding, tied"


@pytest.mark.parametrize(
    ("tensors", "config", "expected", "role"),
    [
        (
            {"lm_head.weight": UNEMBEDDING, "model.embed_tokens.weight": INPUT},
            {"architectures": ["LlamaForCausalLM"], "tie_word_embeddings": False},
            UNEMBEDDING,
            "unembedding",
        ),
        ({"wte.weight": INPUT}, {"architectures": ["GPT2LMHeadModel"]}, INPUT, TIED),
        ({"transformer.wte.weight": INPUT}, {"architectures": ["GPT2LMHeadModel"]}, INPUT, TIED),
        (
            {"model.embed_tokens.weight": INPUT},
            {"architectures": ["Qwen2ForCausalLM"], "tie_word_embeddings": True},
            INPUT,
            TIED,
        ),
        (
            {"model.embed_tokens.weight": INPUT},
            {"architectures": ["LlamaForCausalLM"], "tie_word_embeddings": False},
            INPUT,
            "input embedding",
        ),
        (
            {"language_model.model.embed_tokens.weight": INPUT},
            {
                "architectures": ["GemmaForConditionalGeneration"],
                "text_config": {"tie_word_embeddings": False},
            },
            INPUT,
            "input embedding",
        ),
        (
            {
                "embeddings.word_embeddings.weight": INPUT,
                "embeddings.position_embeddings.weight": UNEMBEDDING,
            },
            {"architectures": ["BertModel"]},
            INPUT,
            "input embedding",
        ),
        (
            {"gpt_neox.embed_in.weight": INPUT, "embed_out.weight": UNEMBEDDING},
            {},
            UNEMBEDDING,
            "unembedding",
        ),
        (
            {
                "shared.weight": INPUT,
                "encoder.embed_tokens.weight": UNEMBEDDING,
                "decoder.embed_tokens.weight": UNEMBEDDING,
            },
            {"architectures": ["T5ForConditionalGeneration"]},
            INPUT,
            TIED,
        ),
        (
            {
                "bert.embeddings.word_embeddings.weight": INPUT,
                "cls.predictions.decoder.weight": UNEMBEDDING,
            },
            {"architectures": ["BertForMaskedLM"]},
            UNEMBEDDING,
            "unembedding",
        ),
    ],
)
def test_the_unembedding_or_what_there_is(
    tmp_path: Path, tensors: dict[str, Real], config: dict[str, Any], expected: Real, role: str
) -> None:
    found = huggingface_embeddings(model(tmp_path / "tiny", tensors, config=config))
    assert found.vectors.tobytes() == expected[[3, 4, 7]].tobytes()
    assert found.name == f"tiny, {role}"


def test_a_tensor_can_be_named(tmp_path: Path) -> None:
    folder = model(tmp_path, {"lm_head.weight": UNEMBEDDING, "model.embed_tokens.weight": INPUT})
    found = huggingface_embeddings(folder, tensor="model.embed_tokens.weight")
    assert found.vectors.tobytes() == INPUT[[3, 4, 7]].tobytes()
    assert found.name.endswith("model.embed_tokens.weight")


def test_rows_beyond_the_tokens_are_padding(tmp_path: Path) -> None:
    found = huggingface_embeddings(model(tmp_path, {"lm_head.weight": matrix(64)}))
    assert found.vectors.tobytes() == matrix(64)[[3, 4, 7]].tobytes()


def test_shards_are_found_and_no_other_is_opened(tmp_path: Path) -> None:
    folder = model(tmp_path, {})
    save_file({"lm_head.weight": UNEMBEDDING}, folder / "model-00002-of-00002.safetensors")
    (folder / "model-00001-of-00002.safetensors").write_bytes(b"never read")
    where = {
        "model.embed_tokens.weight": "model-00001-of-00002.safetensors",
        "lm_head.weight": "model-00002-of-00002.safetensors",
    }
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": where}))
    assert huggingface_embeddings(folder).vectors.tobytes() == UNEMBEDDING[[3, 4, 7]].tobytes()
    for wrong, said in {
        "../elsewhere.safetensors": "have to lie beside it",
        "model-00001-of-00002.safetensors": "no safetensors file",
        "gone.safetensors": "no such file",
    }.items():
        index.write_text(json.dumps({"weight_map": where | {"lm_head.weight": wrong}}))
        with pytest.raises(InputError, match=said):
            huggingface_embeddings(folder)
    save_file({"other": UNEMBEDDING}, folder / "model-00002-of-00002.safetensors")
    index.write_text(json.dumps({"weight_map": where}))
    with pytest.raises(InputError, match="lacks the tensor"):
        huggingface_embeddings(folder)


# ---------------------------------------------------------------- numbers


@given(st.lists(st.integers(0, 0xFFFF), min_size=12 * D, max_size=12 * D), st.integers(0, 7))
def test_half_precision_is_widened_exactly(
    tmp_path_factory: pytest.TempPathFactory, patterns: list[int], pad: int
) -> None:
    """By Python's own struct; a bfloat16 is a float32 whose lower half is zero."""
    folder = model(tmp_path_factory.getbasetemp() / "half", {})
    for dtype, exponent in (("BF16", 0x7F80), ("F16", 0x7C00)):
        # Infinities and NaN are refused, so they lose the last bit of their exponent.
        ending = exponent & -exponent
        finite = [p & ~ending if p & exponent == exponent else p for p in patterns]
        content = struct.pack(f"<{len(finite)}H", *finite)
        by_hand(folder / "model.safetensors", "lm_head.weight", dtype, content, pad=pad)
        found = huggingface_embeddings(folder).vectors
        expected = [
            struct.unpack("<f", struct.pack("<HH", 0, p))[0]
            if dtype == "BF16"
            else struct.unpack("<e", struct.pack("<H", p))[0]
            for p in finite
        ]
        assert found.dtype == np.float32
        rows = np.array(expected).reshape(12, D)[[3, 4, 7]]
        assert found.astype(np.float64).tobytes() == rows.tobytes()


def test_bfloat16_of_known_numbers(tmp_path: Path) -> None:
    folder = model(tmp_path, {})
    content = struct.pack("<5H", 0x3F80, 0xC020, 0x4049, 0x0001, 0x8000) * 12
    by_hand(folder / "model.safetensors", "lm_head.weight", "BF16", content)
    found = huggingface_embeddings(folder)["king"].tolist()
    assert found == [1.0, -2.5, 3.140625, 2.0**-133, 0.0]
    assert np.signbit(found[4])


def test_torch_writes_the_same_bfloat16(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save_torch

    folder = model(tmp_path, {})
    rows = torch.from_numpy(matrix()).to(torch.bfloat16)
    save_torch({"lm_head.weight": rows, "norm": torch.ones(3)}, folder / "model.safetensors")
    found = huggingface_embeddings(folder)
    assert found.vectors.tobytes() == rows.to(torch.float32).numpy()[[3, 4, 7]].tobytes()


def test_float64_stays_so(tmp_path: Path) -> None:
    rows = matrix().astype(np.float64) / 3
    found = huggingface_embeddings(model(tmp_path, {"lm_head.weight": rows}))
    assert found.vectors.tobytes() == rows[[3, 4, 7]].tobytes()


# ---------------------------------------------------------------- what cannot be read


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def _tensors(**tensors: Real) -> Callable[[Path], None]:
    return lambda folder: save_file(tensors, folder / "model.safetensors")


def _header(header: Any, content: bytes = b"") -> Callable[[Path], None]:
    text = json.dumps(header).encode()
    return _write("model.safetensors", struct.pack("<Q", len(text)) + text + content)


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _tokenizer(change: dict[str, Any]) -> Callable[[Path], None]:
    return _write("tokenizer.json", json.dumps(WORD_PIECE | change).encode())


HEAD = {"dtype": "F32", "shape": [12, D], "data_offsets": [0, 240]}
BROKEN: list[tuple[Callable[[Path], None], str]] = [
    (_remove("config.json"), "config.json: there is no such file"),
    (_remove("model.safetensors"), "neither model.safetensors nor"),
    (_pickled, "unpickling can run code; .*safe_serialization=True"),
    (_remove("tokenizer.json"), "has no tokenizer.json; make one"),
    (_write("config.json", b"{"), "no JSON; download"),
    (_write("config.json", b"[]"), "no JSON object"),
    (_write("config.json", b"\xff\xfe\xfa"), "no JSON; download"),
    (_write("model.safetensors", b""), "empty"),
    (_write("model.safetensors", b"abc"), "no safetensors file"),
    (_write("model.safetensors", b"\xff" * 50), "no safetensors file"),
    (_write("model.safetensors", b"version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
    (_header({"lm_head.weight": HEAD}, b"0" * 239), "cut short"),
    (_header({"lm_head.weight": HEAD | {"shape": [12, D + 1]}}, b"0" * 240), "damaged"),
    (_header({"lm_head.weight": HEAD | {"shape": [-12, -D]}}, b"0" * 240), "damaged"),
    (_header({"lm_head.weight": {"dtype": "F32"}}, b"0" * 240), "damaged"),
    (_header([1]), "damaged"),
    (_header({"lm_head.weight": HEAD | {"dtype": "F8_E4M3"}}, b"0" * 240), "not quantised"),
    (_tensors(**{"lm_head.weight": matrix(7)}), "shape \\(7, 5\\), and the tokenizer has the id 7"),
    (_tensors(**{"lm_head.weight": matrix()[0]}), "shape \\(5,\\)"),
    (_tensors(**{"lm_head.weight": matrix()[:, :0]}), "shape \\(12, 0\\)"),
    (_tensors(**{"lm_head.weight": np.full((12, D), np.nan, "f4")}), "'queen' has a NaN"),
    (_tensors(some_embedding=matrix(), bias=matrix()), "pass as `tensor` one of some_embedding"),
    (
        _tensors(**{"a.lm_head.weight": matrix(), "b.lm_head.weight": matrix()}),
        "several tensors .* a.lm_head.weight, b.lm_head.weight",
    ),
    (_write("tokenizer.json", b"{}"), "no tokenizer of the tokenizers library"),
    (_write("tokenizer.json", b"nothing"), "no tokenizer of the tokenizers library"),
    (_tokenizer({"model": {"type": "BPE", "vocab": {"a": 0, "b</w>": 1}}}), "where words begin"),
    (_tokenizer({"model": {"type": "BPE", "vocab": {}}}), "where words begin"),
    (_tokenizer({"model": {"type": "WordLevel", "vocab": {"a": 0, "b": 0}}}), "no tokenizer"),
    (_tokenizer({"model": {"type": "WordLevel", "vocab": {"a": -1}}}), "no tokenizer"),
    (_tokenizer({"model": {"type": "WordLevel", "vocab": {"a": "x"}}}), "no tokenizer"),
    (_tokenizer({"added_tokens": ["<s>"]}), "no tokenizer"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_broken_folders(tmp_path: Path, change: Callable[[Path], None], said: str) -> None:
    folder = model(tmp_path / "model", {"lm_head.weight": matrix()})
    assert len(huggingface_embeddings(folder)) == 3
    change(folder)
    with pytest.raises(InputError, match=said):
        huggingface_embeddings(folder)


def test_unknown_tensors_and_indexes(tmp_path: Path) -> None:
    folder = model(tmp_path, {"lm_head.weight": matrix()})
    with pytest.raises(InputError, match="no tensor 'wte'; pass as `tensor` one of lm_head"):
        huggingface_embeddings(folder, tensor="wte")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text("{}")
    with pytest.raises(InputError, match="has no weight_map"):
        huggingface_embeddings(folder)


# ---------------------------------------------------------------- the probes on it


def _relational(folder: Path) -> Path:
    """A model whose words have a relation, hidden in a few loud columns."""
    rng = np.random.default_rng(0)
    n = 14
    first = rng.normal(size=(n, 9))
    second = first + 0.3 * rng.normal(size=(n, 9))
    second[:, 0] += 2
    rest = rng.normal(size=(200, 9))
    rows = np.concatenate([first, second, rest])
    rows[:, 4:] *= 30
    words = [f"a{k}" for k in range(n)] + [f"b{k}" for k in range(n)]
    words += [f"w{k}" for k in range(200)]
    vocabulary = {f"\u0120{word}": k for k, word in enumerate(words)}
    tokenizer = BYTE_LEVEL | {"model": {"type": "BPE", "vocab": vocabulary}}
    pairs = "".join(f"linear\ta{k}\tb{k}\n" for k in range(n))
    model(folder, {"transformer.wte.weight": rows.astype(np.float32)}, tokenizer=tokenizer)
    (folder / "pairs.tsv").write_text(pairs)
    return folder


def test_probes_take_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _relational(tmp_path / "tiny")
    saved = tmp_path / "saved.npz"
    huggingface_embeddings(folder).save(saved)
    pairs = str(folder / "pairs.tsv")

    def probe(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["repsearch", "probe", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    for command, *options in (("concepts",), ("snr",), ("spiked", "--controls", "2")):
        code, said, _ = probe(command, str(folder), "--relations", pairs, *options)
        assert code == 0
        assert "'tiny, unembedding, tied', 228 words" in said
        assert said == probe(command, str(saved), "--relations", pairs, *options)[1]
    # All nine columns are among the dimensions, though nine is none of the paper's.
    probe("snr", str(folder), "--relations", pairs, "--out", str(tmp_path / "out"))
    rows = json.loads((tmp_path / "out/snr.json").read_text())
    assert [row["d"] for row in rows] == [4, 5, 8, 9]
    code, _, said = probe("concepts", str(folder), "--time", "1")
    assert code == 2
    assert "--time is for a run" in said
    (folder / "tokenizer.json").unlink()
    code, _, said = probe("concepts", str(folder))
    assert code == 2
    assert "tokenizer.json" in said


def test_the_causal_inner_product_hears_what_is_quiet(tmp_path: Path) -> None:
    """Loud columns drown the relation in the plain inner product."""
    found = huggingface_embeddings(_relational(tmp_path / "tiny"))

    def cosine(embeddings: Embeddings) -> float:
        one, other = (embeddings[f"b{k}"] - embeddings[f"a{k}"] for k in (0, 1))
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    white = whitened(found)
    covariance = np.cov(found.vectors.astype(float).T, bias=True)
    metric = np.linalg.inv(covariance)
    one, other = (found[f"b{k}"].astype(float) - found[f"a{k}"] for k in (0, 1))
    causal = one @ metric @ other / np.sqrt((one @ metric @ one) * (other @ metric @ other))
    assert cosine(white) == pytest.approx(causal, rel=1e-9)
    assert cosine(white) > 0.5 > abs(cosine(found))
    assert white.name == "tiny, unembedding, tied whitened"
