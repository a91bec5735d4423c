"""Files of embeddings: every format gives back what was saved, and faults are reported."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import struct
import warnings
import zipfile
from pathlib import Path

import numpy as np
import places
import pytest
import safetensors.numpy
from gensim.models import KeyedVectors
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from repsearch.embeddings import Embeddings
from repsearch.embeddings.formats import FORMATS, format_to_read, safetensors_file
from repsearch.errors import InputError
from repsearch.storage import archive, memory

TEXT_OR_BINARY = [".vec", ".w2v", ".txt", ".bin", ".glove"]
ARRAYS = [".safetensors", ".npz"]
GZIPPED = [".vec.gz", ".bin.gz", ".glove.gz"]
ALL = TEXT_OR_BINARY + ARRAYS + GZIPPED


def same(one: Embeddings, other: Embeddings) -> bool:
    return (
        one.words == other.words
        and one.vectors.dtype == other.vectors.dtype
        and one.vectors.shape == other.vectors.shape
        and one.vectors.tobytes() == other.vectors.tobytes()
    )


# --- What goes in comes out ---------------------------------------------------

NASTY_WORDS = ["</s>", "naïve", "猫", "e\u0301", "🦉", "\x00", "\ufeff", "1e5", "-0.5", "#", '"']


def embeddings_of(draw: st.DrawFn, *, spaced: bool, dtypes: list[type]) -> Embeddings:
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\n")
    word = st.one_of(st.sampled_from(NASTY_WORDS), st.text(letters, min_size=1, max_size=5))
    if not spaced:
        word = word.filter(lambda text: text.split() == [text])
    words = draw(st.lists(word, min_size=1, max_size=6, unique=True))
    dtype = draw(st.sampled_from(dtypes))
    limits = np.finfo(dtype)
    extremes = [-0.0, 0.0, limits.max, limits.min, limits.tiny, limits.smallest_subnormal, 1.0]
    width = limits.bits
    number = st.one_of(
        st.sampled_from([float(x) for x in extremes]),
        st.floats(width=width, allow_nan=False, allow_infinity=False, allow_subnormal=True),
    )
    shape = (len(words), draw(st.integers(1, 4)))
    return Embeddings(tuple(words), draw(hnp.arrays(dtype, shape, elements=number)), "M* ∞\n")


@st.composite
def for_text(draw: st.DrawFn) -> Embeddings:
    return embeddings_of(draw, spaced=False, dtypes=[np.float32, np.float64])


@st.composite
def for_binary(draw: st.DrawFn) -> Embeddings:
    return embeddings_of(draw, spaced=False, dtypes=[np.float32])


@st.composite
def for_arrays(draw: st.DrawFn) -> Embeddings:
    return embeddings_of(draw, spaced=True, dtypes=[np.float32, np.float64])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embeddings")


@settings(max_examples=60, deadline=None, database=None)
@given(for_text())
@example(Embeddings(("a",), np.zeros((1, 2))))
@example(Embeddings(("a", "b"), np.array([[0.5], [1 / 3]])))
def test_text_gives_back_the_very_same_bits(folder: Path, made: Embeddings) -> None:
    for suffix in (".vec", ".glove", ".vec.gz"):
        made.save(folder / f"a{suffix}")
        assert same(Embeddings.open(folder / f"a{suffix}"), made)


@settings(max_examples=60, deadline=None, database=None)
@given(for_binary())
def test_binary_gives_back_the_very_same_bits(folder: Path, made: Embeddings) -> None:
    for suffix in (".bin", ".bin.gz"):
        made.save(folder / f"a{suffix}")
        assert same(Embeddings.open(folder / f"a{suffix}"), made)


@settings(max_examples=60, deadline=None, database=None)
@given(for_arrays())
def test_arrays_give_back_the_very_same_bits_and_the_name(folder: Path, made: Embeddings) -> None:
    for suffix in ARRAYS:
        made.save(folder / f"a{suffix}")
        again = Embeddings.open(folder / f"a{suffix}")
        assert same(again, made)
        assert again.name == made.name


@pytest.fixture
def small() -> Embeddings:
    vectors = np.array([[0.1, -2.5, 1e-8], [3, 4, 5], [1 / 3, -0.0, 7e20]], dtype=np.float32)
    return Embeddings(("the", "naïve", "猫"), vectors, "M*")


@pytest.mark.parametrize("suffix", ALL)
def test_equal_embeddings_give_equal_files(tmp_path: Path, small: Embeddings, suffix: str) -> None:
    small.save(tmp_path / f"one{suffix}")
    small.save(str(tmp_path / f"other{suffix}"))
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"other{suffix}").read_bytes()
    assert ((tmp_path / f"one{suffix}").read_bytes()[:2] == b"\x1f\x8b") == (suffix in GZIPPED)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one{suffix}", f"other{suffix}"]


@pytest.mark.parametrize(
    "chosen", [one for one in FORMATS if one.write is not None], ids=lambda chosen: chosen.name
)
def test_a_named_format_goes_before_the_suffix(tmp_path: Path, small: Embeddings, chosen) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "vectors.dat"
    small.save(path, chosen.name)
    assert same(Embeddings.open(path, format=chosen.name), small)


def test_gzip_is_known_by_content_and_suffixes_by_any_case(
    tmp_path: Path, small: Embeddings
) -> None:
    small.save(tmp_path / "a.VEC.GZ")
    (tmp_path / "a.vec").write_bytes((tmp_path / "a.VEC.GZ").read_bytes())
    assert same(Embeddings.open(tmp_path / "a.VEC.GZ"), small)
    assert same(Embeddings.open(tmp_path / "a.vec"), small)


@pytest.mark.parametrize(("text", "name"), [("1 2\na 3 4\n", "word2vec"), ("a 3 4\n", "glove")])
@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_txt_is_word2vec_if_it_has_a_header(
    tmp_path: Path, text: str, name: str, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(gzip.compress(text.encode()) if suffix == ".txt.gz" else text.encode())
    assert format_to_read(path).name == name
    np.testing.assert_array_equal(Embeddings.open(path)["a"], [3, 4])


@pytest.mark.parametrize("block", [1, 100, 1000])
def test_words_cross_the_blocks_in_which_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    for module in ("vector_lines", "word2vec_binary"):
        monkeypatch.setattr(f"repsearch.embeddings.formats.{module}._BLOCK_BYTES", block)
    vectors = np.random.default_rng(1).normal(size=(2345, 5)).astype(np.float32)
    made = Embeddings(tuple(f"w{i}" for i in range(2345)), vectors)
    for suffix in (".vec", ".bin", ".glove"):
        made.save(tmp_path / f"a{suffix}")
        assert same(Embeddings.open(tmp_path / f"a{suffix}"), made)
    path = tmp_path / "a.glove"
    with path.open("ab") as stream:
        stream.write(b"w7 1 2 3 4 5\n")
    with pytest.raises(InputError, match="'w7' of line 8 comes again in line 2346"):
        Embeddings.open(path)
    with path.open("ab") as stream:
        stream.write(b"\n\n\n\n")
    with pytest.raises(InputError, match="'w7' of line 8 comes again in line 2346"):
        Embeddings.open(path)
    with path.open("ab") as stream:
        stream.write(b"last 1 2 3 4 5\n")
    with pytest.raises(InputError, match="line 2347 is blank but others follow"):
        Embeddings.open(path)


def test_failing_to_save_leaves_the_old_file(tmp_path: Path, small: Embeddings) -> None:
    path = tmp_path / "a.vec"
    small.save(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="'two words' contains whitespace"):
        Embeddings(("two words",), np.ones((1, 1))).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# --- Other programs -----------------------------------------------------------


def as_gensim(made: Embeddings) -> KeyedVectors:
    theirs = KeyedVectors(vector_size=made.dimension)
    theirs.add_vectors(list(made), made.vectors)
    return theirs


def read_by_gensim(path: Path, loading: dict[str, bool]) -> KeyedVectors:
    with warnings.catch_warnings():
        # With no_header=True, gensim does not close the first of two streams.
        warnings.simplefilter("ignore", ResourceWarning)
        return KeyedVectors.load_word2vec_format(str(path), **loading)


GENSIM = [
    (".vec", {"binary": False}, {"binary": False}),
    (".vec.gz", {"binary": False}, {"binary": False}),
    (".bin", {"binary": True}, {"binary": True}),
    (".bin.gz", {"binary": True}, {"binary": True}),
    (".glove", {"write_header": False}, {"no_header": True}),
]


@pytest.mark.parametrize(("suffix", "saving", "loading"), GENSIM)
@settings(max_examples=15, deadline=None, database=None)
@given(made=for_binary())
def test_gensim_reads_ours_and_we_read_gensims(
    folder: Path,
    suffix: str,
    saving: dict[str, bool],
    loading: dict[str, bool],
    made: Embeddings,
) -> None:
    ours, theirs = folder / f"ours{suffix}", folder / f"theirs{suffix}"
    made.save(ours)
    read = read_by_gensim(ours, loading)
    assert tuple(read.index_to_key) == made.words
    assert read.vectors.tobytes() == made.vectors.tobytes()
    as_gensim(made).save_word2vec_format(str(theirs), **saving)
    assert same(Embeddings.open(theirs), made)


@pytest.mark.smoke
def test_the_library_reads_our_safetensors_and_we_read_the_librarys(
    tmp_path: Path, small: Embeddings
) -> None:
    small.save(tmp_path / "a.safetensors")
    tensors = safetensors.numpy.load_file(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(tensors["vectors"], small.vectors)
    assert tensors["words"].tobytes().decode() == "the\nnaïve\n猫"
    safetensors.numpy.save_file(
        tensors,
        tmp_path / "b.safetensors",
        {"version": "1", "format": "repsearch-embeddings", "name": "theirs"},
    )
    again = Embeddings.open(tmp_path / "b.safetensors")
    assert same(again, small)
    assert again.name == "theirs"


@pytest.mark.parametrize(
    ("name", "content", "words", "vectors"),
    [
        pytest.param(
            "a.vec", b"2 2\n</s> 0.004003 0.004419 \nthe 1.0 -2 \n", ("</s>", "the"),
            [[0.004003, 0.004419], [1, -2]], id="word2vec.c leaves a space at the end",
        ),
        pytest.param(
            "a.bin",
            b"2 1\na " + struct.pack("<f", 1.5) + b"\nb " + struct.pack("<f", 2.5) + b"\n",
            ("a", "b"), [[1.5], [2.5]], id="word2vec.c ends vectors with a newline",
        ),
        pytest.param(
            "a.glove", b"a 1 2\n. . . 3 4\nat name@domain.com 5 6\n",
            ("a", ". . .", "at name@domain.com"), [[1, 2], [3, 4], [5, 6]],
            id="GloVe has words with spaces",
        ),
        pytest.param(
            "a.glove", b". . . 3 4\na 1 2\nb 5 6\n", (". . .", "a", "b"),
            [[3, 4], [1, 2], [5, 6]], id="even in the first line",
        ),
        pytest.param(
            "a.vec", b"2 1\n. . 3\n\xc2\xa0 1\n", (". .", "\xa0"), [[3], [1]],
            id="a word may be a space that ASCII lacks",
        ),
        pytest.param(
            "a.vec", b"2 2\r\na 1 2\r\nb\t3\t4\r\n\r\n\r\n", ("a", "b"), [[1, 2], [3, 4]],
            id="Windows, tabs and blank lines at the end",
        ),
        pytest.param("a.glove", b"5 1.5\n1e3 2", ("5", "1e3"), [[1.5], [2]], id="numbers as words"),
    ],
)  # fmt: skip
def test_reads_what_others_write(
    tmp_path: Path, name: str, content: bytes, words: tuple[str, ...], vectors: list[list[float]]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    read = Embeddings.open(path)
    assert read.words == words
    assert read.vectors.dtype == np.float32
    np.testing.assert_array_equal(read.vectors, np.array(vectors, dtype=np.float32))


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        ("0.123456789", np.float32),
        ("0.0000000123456789", np.float32),
        ("-1.23456789E-12", np.float32),
        ("0.000000", np.float32),
        ("0.1234567891", np.float64),
        ("1.0000000000000000e+00", np.float64),
        ("0.0000000000000000e+00", np.float64),
    ],
)
def test_ten_digits_in_the_first_line_mean_float64(
    tmp_path: Path, number: str, dtype: type
) -> None:
    path = tmp_path / "a.glove"
    path.write_text(f"a 1 {number}\nb 2 3.00000000000\n")
    assert Embeddings.open(path).vectors.dtype == dtype


# --- What is wrong with the rest ----------------------------------------------


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    whole: dict[str, object] = {
        "format": "repsearch-embeddings",
        "version": 1,
        "name": np.zeros(0, np.uint8),
        "words": np.frombuffer(b"a\nb", np.uint8),
        "vectors": np.eye(2),
    }
    whole.update(arrays)
    np.savez(stream, **{name: array for name, array in whole.items() if array is not None})  # type: ignore[arg-type]
    return stream.getvalue()


def npz_of(name: str, member: bytes) -> bytes:
    """The archive with one of its members replaced, checksum and all."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(npz())) as whole, zipfile.ZipFile(stream, "w") as made:
        for each in whole.namelist():
            mine = each == f"{name}.npy"
            content = member if mine else whole.read(each)
            made.writestr(each, content, zipfile.ZIP_DEFLATED if mine else zipfile.ZIP_STORED)
    return stream.getvalue()


def array_header(shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    description = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, description)
    return stream.getvalue()


def tensors(metadata: dict[str, str] | None = None, **arrays: np.ndarray | None) -> bytes:
    said = {"format": "repsearch-embeddings", "version": "1", "name": ""} | (metadata or {})
    whole = {"words": np.frombuffer(b"a\nb", np.uint8), "vectors": np.eye(2)} | arrays
    return safetensors.numpy.save({k: v for k, v in whole.items() if v is not None}, said)


def npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.eye(2))
    return stream.getvalue()


def bfloat16() -> bytes:
    header = {
        "vectors": {"dtype": "BF16", "shape": [1, 1], "data_offsets": [0, 2]},
        "words": {"dtype": "U8", "shape": [1], "data_offsets": [2, 3]},
    }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"\x00\x00a"


def record(word: bytes, *numbers: float) -> bytes:
    return word + b" " + struct.pack(f"<{len(numbers)}f", *numbers)


NAN = float("nan")
GZ = gzip.compress(b"2 2\na 1 2\nb 3 4\n" * 100, mtime=0)

BAD_FILES: list[tuple[str, bytes | None, str]] = [
    # A file that is not there, or empty.
    ("gone.vec", None, "there is no such file; check the path"),
    ("gone.txt", None, "there is no such file"),
    ("gone.npz", None, "there is no such file"),
    ("gone.safetensors", None, "there is no such file"),
    ("empty.vec", b"", "the file is empty"),
    ("empty.bin", b"", "the file is empty"),
    ("empty.glove", b"", "the file is empty"),
    ("empty.txt", b"", "the file is empty"),
    ("empty.npz", b"", "the file is empty"),
    ("empty.safetensors", b"", "the file is empty"),
    ("empty.vec.gz", gzip.compress(b""), "the file is empty"),
    ("empty.glove.gz", gzip.compress(b""), "it has no words"),
    ("blank.glove", b"\n\n", "it has no words"),
    # A suffix that tells nothing.
    ("a.model", b"x", "cannot tell the format of .*a.model.*'word2vec' .*'npz' "),
    ("a", b"x", "cannot tell the format"),
    ("a.gz", b"x", "cannot tell the format"),
    ("a.npz.gz", b"x", "the format npz is not gzipped; leave out the .gz"),
    ("a.safetensors.gz", b"x", "the format safetensors is not gzipped"),
    # Headers.
    ("a.vec", b"a 1 2\n", "line 1 should be two positive integers .* begins 'a 1 2'"),
    ("a.vec", b"2 2 2\n", "line 1 should be two positive integers"),
    ("a.vec", b"0 2\n", "line 1 should be two positive integers"),
    ("a.vec", b"2 -2\na 1 2\n", "line 1 should be two positive integers"),
    ("a.vec", b"2 " + b"9" * 30 + b"\na 1 2\n", "line 1 should be two positive integers"),
    ("a.bin", b"\x00\x01\x02", "line 1 should be two positive integers"),
    ("a.vec", b"3 2\na 1 2\nb 3 4\n", "announces a vocabulary of 3 but the file ends after 2"),
    ("a.vec", b"3 2\n", "announces a vocabulary of 3 but the file ends after 0"),
    ("a.vec", b"1 2\na 1 2\nb 3 4\n", "line 1 announces a vocabulary of 1 but more lines follow"),
    ("a.vec", b"2 3\na 1 2\nb 3 4\n", "line 2 has 2 numbers after its word where 3 are"),
    ("a.vec", b"2 1\na 1 2\nb 3 4\n", "line 2 has 2 numbers after its word where 1 is"),
    ("a.vec", b"1 999999999999\na 1\n", "takes 1.82 TiB at least, but the file has 19 bytes"),
    ("a.vec", b"99999999999 9\na 1\n", "takes 1.82 TiB at least, but the file has 18 bytes"),
    ("a.vec.gz", gzip.compress(b"99999999999 9\na 1\n", mtime=0), "takes 1.82 TiB at least, but"),
    ("a.glove", b"a" * (1 << 25) + b" 1\n", "line 1 is longer than 32 MiB, which no vector is"),
    ("a.glove", b"2 2\na 1 2\nb 3 4\n", "line 1 has 1 number .* format='word2vec'"),
    # Lines.
    ("a.glove", b"a 1 2\nb 3\nc 5 6\n", "line 2 has 1 number after its word where 2 are expected"),
    ("a.glove", b"a 1 2\nb 3 4 5\nc 5 6\n", "line 2 has 3 numbers after"),
    ("a.glove", b"a 1 2\nb\nc 5 6\n", "line 2 has 0 numbers after"),
    ("a.glove", b"a 1 2\n\nc 5 6\n", "line 2 is blank but others follow; remove it"),
    ("a.glove", b"a 1 2\n 3 4\nc 5 6\n", "line 2 .* begins with a space where its word should be"),
    ("a.vec", b"2 2\na 1 2\nb 3 x\n", r"line 3 \('b'\) has 'x' where a number is expected"),
    ("a.vec", b"2 2\na 1 2\nb 1.0.5 2\n", r"line 3 \('b'\) has '1.0.5' where"),
    ("a.vec", b"2 3\na 1.0.5  2\nb 1 2 3\n", "line 2 has 2 numbers after"),
    ("a.vec", b"2 2\na 1 2\nb 1_0 2\n", r"line 3 \('b'\) has '1_0' where"),
    ("a.vec", b"2 2\na 1 2\nb 1,5 2\n", r"line 3 \('b'\) has '1,5' where"),
    ("a.vec", b"2 2\na 1 0x10\nb 1 2\n", r"line 2 \('a'\) has '0x10' where"),
    ("a.vec", b"2 2\na 1 2\nb 1 nan\n", r"line 3 \('b'\) has 'nan' where a finite float32"),
    ("a.glove", b"a 1 2\nb -inf 3\n", r"line 2 \('b'\) has '-inf' where a finite"),
    ("a.glove", b"a 1 2\nb 1e39 3\n", r"line 2 \('b'\) has '1e39' where a finite float32"),
    ("a.vec", b"2 1\ncaf\xe9 1\nb 1\n", "in line 2, the word .* is not UTF-8"),
    ("a.vec", b"3 1\nb 1\nc 2\nb 3\n", "the word 'b' of line 2 comes again in line 4"),
    ("a.glove", b"b 1\nc 2\nb 3\n", "the word 'b' of line 1 comes again in line 3"),
    # Binary.
    ("a.bin", b"2 2\n" + record(b"a", 1, 2), "announces a vocabulary of 2 .* word 2 is not whole"),
    ("a.bin", b"1 2\n" + record(b"a", 1, 2)[:-1], "word 1 is not whole"),
    ("a.bin", b"1 2\n", "word 1 is not whole"),
    ("a.bin", b"1 2\n" + b"x" * 100_000, "word 1 is not whole"),
    ("a.bin", b"1 999999999999\n" + record(b"a", 1, 2), "takes 3.64 TiB at least, but the file"),
    ("a.bin", b"99999999999 9\n" + record(b"a", 1, 2), "takes 3.46 TiB at least, but the file"),
    ("a.bin", b"2 1\n" + record(b"a", 1) + b"b\nc" + record(b"d", 2), "word 2 holds a newline"),
    ("a.bin", b"1 2\n" + record(b"a", 1, 2) + record(b"b", 1, 2), "but more data follows"),
    ("a.bin", b"1 1\n" + record(b"caf\xe9", 1), "in word 1, the word .* is not UTF-8"),
    ("a.bin", b"2 1\n" + record(b"a", 1) + record(b"b", NAN), "vector of word 2, 'b', has a NaN"),
    ("a.bin", b"2 1\n" + record(b"a", 1) + record(b"", 1), "word 2 is empty"),
    ("a.bin", b"2 1\n" + record(b"a", 1) + record(b"a", 2), "'a', number 1, comes again as num"),
    # Gzip.
    ("a.vec.gz", GZ[:-9], "its gzip data is damaged or cut short"),
    ("a.txt.gz", GZ[:15], "its gzip data is damaged or cut short"),
    ("a.bin.gz", gzip.compress(b"1 1\n" + record(b"a", 1))[:-9], "gzip data is damaged"),
    ("a.vec.gz", GZ[:12] + b"\xff\xff\xff" + GZ[15:], "its gzip data is damaged"),
    # npz.
    ("a.npz", b"garbage", "it is no npz file, or is damaged or cut short"),
    ("a.npz", npy(), "it holds a single array, not an archive"),
    ("a.npz", npz()[:-30], "it is no npz file, or is damaged or cut short"),
    ("a.npz", npz_of("vectors", b"\x93NUMPY\x01\x00\x02\x00{("), "'vectors' cannot be unpacked"),
    ("a.npz", npz_of("vectors", b"\x93NUMPY\x01\x00\x05\x00'a' b"), "'vectors' cannot be unpacked"),
    ("a.npz", npz_of("vectors", array_header((10**6, 10**6))), "announces 1,000,000,000,000 num"),
    ("a.npz", npz_of("vectors", array_header((-1, 2))), "'vectors' cannot be unpacked"),
    ("a.npz", npz(vectors=None), "it lacks the array 'vectors'"),
    ("a.npz", npz(words=None), "it lacks the array 'words'"),
    ("a.npz", npz(words=np.array(["a", "b"], object)), "Python objects, which are not loaded"),
    ("a.npz", npz(words=np.array(["a", "b"])), "its words are an array <U1.*uint8"),
    ("a.npz", npz(words=np.frombuffer(b"a\n\xff", np.uint8)), "in word 2, .* is not UTF-8"),
    ("a.npz", npz(words=np.frombuffer(b"a\na", np.uint8)), "cannot read .*'a', comes again as w"),
    ("a.npz", npz(words=np.frombuffer(b"a", np.uint8)), "cannot read .*differ in number .1 and 2"),
    ("a.npz", npz(vectors=np.array([[1.0], [NAN]])), "cannot read .*vector of 'b' has a NaN"),
    ("a.npz", npz(vectors=np.ones((2, 2), int)), "cannot read .*are int64; convert"),
    ("a.npz", npz(format="other"), "does not say that its format is 'repsearch-embeddings'"),
    ("a.npz", npz(version=2), "version 2 is newer than 1.*update repsearch"),
    ("a.npz", npz(version=-1), "version '-1' makes no sense"),
    # safetensors.
    ("a.safetensors", b"garbage", "it is not a safetensors file of embeddings"),
    ("a.safetensors", b"\xff" * 100, "it is not a safetensors file of embeddings"),
    ("a.safetensors", tensors()[:-1], "or is damaged or cut short"),
    ("a.safetensors", tensors(words=None), "a table of numbers .vectors., and no words.*word_list"),
    ("a.safetensors", tensors(vectors=None), "it lacks the tensor 'vectors'"),
    ("a.safetensors", tensors({"format": "pt"}), "does not say that its format is"),
    ("a.safetensors", tensors({"version": "2"}), "version 2 is newer"),
    ("a.safetensors", tensors(words=np.eye(2)), "its words are an array float64"),
    ("a.safetensors", bfloat16(), "a.safetensors"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "message"), BAD_FILES, ids=[f"{bad[0]}: {bad[2]}" for bad in BAD_FILES]
)
def test_one_sentence_says_what_is_wrong(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        Embeddings.open(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert ";" in sentence  # what is wrong; what to do


@pytest.mark.parametrize("suffix", ALL)
def test_a_folder_is_not_a_file(tmp_path: Path, small: Embeddings, suffix: str) -> None:
    path = tmp_path / f"folder{suffix}"
    path.mkdir()
    with pytest.raises(InputError, match="that is a folder; give the name of a file"):
        Embeddings.open(path)
    with pytest.raises(InputError, match="that is a folder"):
        small.save(path)
    with pytest.raises(InputError, match="a part of that path is a file"):
        Embeddings.open(Path(__file__) / f"a{suffix}")
    with pytest.raises(InputError, match="is a file, not a folder"):
        small.save(Path(__file__) / "folder" / f"a{suffix}")


@pytest.mark.parametrize(
    ("words", "dtype", "suffix", "message"),
    [
        (("two words",), np.float32, ".vec", "'two words' contains whitespace"),
        (("a\tb",), np.float32, ".glove", r"'a\\tb' contains whitespace"),
        (("a\xa0b",), np.float32, ".bin", r"'a\\xa0b' contains whitespace"),
        ((" ",), np.float32, ".vec.gz", "' ' contains whitespace"),
        (("a\nb",), np.float32, ".npz", r"'a\\nb' contains a newline"),
        (("a\nb",), np.float32, ".safetensors", r"'a\\nb' contains a newline"),
        *(
            (("\ud800",), np.float32, suffix, "half a surrogate pair")
            for suffix in (".vec", ".bin", ".glove", ".npz", ".safetensors")
        ),
        (("a",), np.float64, ".bin", "holds float32 but the vectors are float64; convert"),
        (("a",), np.float32, ".model", "cannot tell the format"),
    ],
)
def test_saving_refuses(
    tmp_path: Path, words: tuple[str, ...], dtype: type, suffix: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Embeddings(words, np.ones((len(words), 2), dtype)).save(tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_lists_the_known(tmp_path: Path, small: Embeddings) -> None:
    listed = (
        "no embedding format 'gensim'; name it, for example format='glove': there are 'word2vec' "
        ".*'npz' "
    )
    with pytest.raises(InputError, match=listed):
        small.save(tmp_path / "a.vec", format="gensim")
    with pytest.raises(InputError, match=listed):
        Embeddings.open(tmp_path / "a.vec", format="gensim")


@pytest.mark.parametrize("suffix", [".vec", ".bin", ".glove", ".npz", ".safetensors", ".vec.gz"])
def test_damaged_bytes_give_an_input_error_or_other_embeddings(
    tmp_path: Path, small: Embeddings, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    small.save(path)
    whole = path.read_bytes()
    random = np.random.default_rng(2)
    for _ in range(150):
        damaged = bytearray(whole[: random.integers(1, len(whole) + 1)])
        damaged[random.integers(len(damaged))] = random.integers(256)
        path.write_bytes(damaged)
        try:
            Embeddings.open(path)
        except InputError as error:
            assert str(path) in str(error)  # noqa: PT017 (it need not be raised)


# --- Files of the past --------------------------------------------------------


@pytest.mark.smoke
@pytest.mark.parametrize("suffix", [".vec", ".bin", ".glove", ".safetensors", ".npz"])
def test_files_of_version_1_can_be_read_and_are_still_written(tmp_path: Path, suffix: str) -> None:
    spec = importlib.util.spec_from_file_location("made", places.FORMATS / "make_embeddings.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    stored = places.FORMATS / f"embeddings-v1{suffix}"
    read = Embeddings.open(stored)
    assert read.words == ("the", "naïve", "猫", "</s>")
    assert same(read, Embeddings(made.WORDS, made.VECTORS))
    assert read.name == ("M*, rank 3" if suffix in ARRAYS else "")
    if suffix != ".npz":  # whose details are NumPy's
        Embeddings(made.WORDS, made.VECTORS, made.NAME).save(tmp_path / f"a{suffix}")
        written, before = (tmp_path / f"a{suffix}").read_bytes(), stored.read_bytes()
        if suffix == ".safetensors":  # which has a checksum since
            length = int.from_bytes(written[:8], "little")
            header = json.loads(written[8 : 8 + length])
            assert header["__metadata__"].pop("crc32") == "4fe20d17"
            length_before = int.from_bytes(before[:8], "little")
            assert header == json.loads(before[8 : 8 + length_before])
            written, before = written[8 + length :], before[8 + length_before :]
        assert written == before


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    path.write_bytes(npz_of("vectors", array_header((2**18, 2)) + bytes(2**21)))
    monkeypatch.setattr(archive, "_BOMB", 2**20)
    with pytest.raises(InputError, match=r"KiB unpack to 2 MiB, which no file of numbers does"):
        Embeddings.open(path)


def test_what_the_machine_has_no_memory_for_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = Embeddings(("a", "b"), np.eye(2, dtype=np.float32))
    monkeypatch.setattr(memory, "free_memory", lambda: 10)
    for suffix in (".vec", ".bin", *ARRAYS):
        saved.save(tmp_path / f"a{suffix}")
        with pytest.raises(InputError, match=r"asks for .* of memory, this machine has 10 bytes"):
            Embeddings.open(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", ARRAYS)
def test_no_flipped_bit_goes_unseen_in_the_formats_with_checksums(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    words = tuple(f"w{k}" for k in range(20))
    embeddings = Embeddings(words, np.random.default_rng(0).standard_normal((20, 8)), "M*")
    embeddings.save(path)
    content = path.read_bytes()
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        if bit % 7 and 40 < bit // 8 < len(content) - 40:
            continue  # one in seven of those in the middle
        path.write_bytes(flipped)
        try:
            opened = Embeddings.open(path)
        except InputError as error:
            assert str(path) in str(error)  # noqa: PT017
        else:
            assert same(opened, embeddings)
            assert opened.name == "M*"
    for length in range(0, len(content), 29):
        path.write_bytes(content[:length])
        with pytest.raises(InputError):
            Embeddings.open(path)


def test_a_checksum_cannot_be_hidden_by_damage_to_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    Embeddings(("a", "b"), np.eye(2)).save(path)
    assert safetensors_file.has_checksum(path)
    path.write_bytes(path.read_bytes().replace(b'"crc32"', b'"crc33"'))
    with pytest.raises(InputError, match="its metadata have 'crc33'"):
        Embeddings.open(path)
    assert not safetensors_file.has_checksum(path)
    assert not safetensors_file.has_checksum(places.FORMATS / "embeddings-v1.safetensors")
    assert not safetensors_file.has_checksum(tmp_path / "none")
