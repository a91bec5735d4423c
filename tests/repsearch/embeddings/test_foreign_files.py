"""Vectors in files of others: tables, arrays with a list of words, models of fastText."""

from __future__ import annotations

import gzip
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file
from strategies import settings  # noqa: F401 (it sets the profile)

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

VECTORS = np.array([[0.5, -1.0, 2e-3], [1.0, 0.25, 3.0]])
WORDS = ("cat", "dog")


def same(found: Embeddings, words: tuple[str, ...] = WORDS, dtype: Any = np.float32) -> None:
    assert found.words == words
    assert found.vectors.dtype == dtype
    np.testing.assert_array_equal(found.vectors, VECTORS.astype(dtype))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pandas.csv", ",0,1,2\ncat,0.5,-1.0,0.002\ndog,1.0,0.25,3.0\n"),
        ("index.csv", ",word,0,1,2\n0,cat,0.5,-1.0,0.002\n1,dog,1.0,0.25,3.0\n"),
        ("named.csv", "word,d0,d1,d2\r\ncat,0.5,-1.0,0.002\r\ndog,1.0,0.25,3.0\r\n"),
        ("counted.csv", "word,1,2,3\ncat,0.5,-1.0,0.002\ndog,1.0,0.25,3.0\n"),
        ("last.csv", "d0,d1,d2,token\n0.5,-1.0,0.002,cat\n1.0,0.25,3.0,dog\n"),
        ("bare.csv", "cat,0.5,-1.0,0.002\ndog,1.0,0.25,3.0\n"),
        ("quoted.csv", '\ufeff"cat","0.5","-1.0","2e-3"\n"dog",1.0,.25,3\n\n'),
        ("bare.tsv", "cat\t0.5\t-1.0\t0.002\ndog\t1.0\t0.25\t3.0\n"),
        ("headed.tab", "word\ta\tb\tc\ncat\t0.5\t-1.0\t0.002\ndog\t1.0\t0.25\t3.0\n"),
    ],
)
def test_tables(tmp_path: Path, name: str, text: str) -> None:
    path = written(tmp_path, name, text)
    same(Embeddings.open(path))
    same(Embeddings.open(written(tmp_path, f"{name}.gz", gzip.compress(text.encode()))))


def test_words_with_commas_and_quotation_marks(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", '",",0.5,-1,0.002\n"""",1,0.25,3\n')
    same(Embeddings.open(path), (",", '"'))
    path = written(tmp_path, "a.tsv", '"\t0.5\t-1\t0.002\ndog\t1\t0.25\t3\n')
    same(Embeddings.open(path), ('"', "dog"))


def test_digits_tell_the_type(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "cat,0.1000000000000001,2\ndog,1,2\n")
    assert Embeddings.open(path).vectors.dtype == np.float64


PROJECTOR = "0.5\t-1.0\t0.002\n1.0\t0.25\t3.0\n"


@pytest.mark.parametrize(
    "listed",
    [
        "cat\ndog\n",
        "cat\r\ndog",
        "word\tcount\ncat\t9\ndog\t7\n",
        "count\tlabel\n9\tcat\n7\tdog\n",
        "cat\t9\ndog\t7\n",
        "\ufeffcat\ndog\n\n",
    ],
)
def test_the_projectors_two_files(tmp_path: Path, listed: str) -> None:
    words = written(tmp_path, "metadata.tsv", listed)
    same(Embeddings.open(written(tmp_path, "vectors.tsv", PROJECTOR), word_list=words))


def test_words_may_be_numbers_and_indices_are_no_dimension(tmp_path: Path) -> None:
    words = written(tmp_path, "w.txt", "1984\n7\n")
    path = written(tmp_path, "a.csv", ",0,1,2\n0,0.5,-1.0,0.002\n1,1.0,0.25,3.0\n")
    same(Embeddings.open(path, word_list=words), ("1984", "7"))
    path = written(tmp_path, "b.csv", "1984,0.5,-1.0,0.002\ndog,1.0,0.25,3.0\n")
    same(Embeddings.open(path), ("1984", "dog"))


def arrays(folder: Path) -> dict[str, Path]:
    half, found = VECTORS.astype(np.float16), {}
    for name, array in (("a.npy", VECTORS.astype("f4")), ("half.npy", half)):
        np.save(folder / name, array)
        found[name] = folder / name
    for name, kept in (
        ("one.npz", {"anything": VECTORS.astype("f4")}),
        ("two.npz", {"vectors": VECTORS.astype("f4"), "counts": np.ones(2)}),
    ):
        np.savez(folder / name, **kept)
        found[name] = folder / name
    save_file({"embedding.weight": VECTORS.astype("f4")}, folder / "a.safetensors")
    save_file({"embedding.weight": half, "bias": np.ones(3)}, folder / "half.safetensors")
    return found | {n: folder / n for n in ("a.safetensors", "half.safetensors")}


@pytest.mark.parametrize(
    "name", ["a.npy", "half.npy", "one.npz", "two.npz", "a.safetensors", "half.safetensors"]
)
def test_arrays_with_a_list_of_words(tmp_path: Path, name: str) -> None:
    path = arrays(tmp_path)[name]
    words = written(tmp_path, "words.txt", "cat\ndog\n")
    found = Embeddings.open(path, word_list=words)
    assert found.words == WORDS
    assert found.vectors.dtype == np.float32
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=1e-3)
    with pytest.raises(InputError, match=r"and no words; give them .* as word_list="):
        Embeddings.open(path)
    with pytest.raises(InputError, match=r"has 3 words for 2 vectors"):
        Embeddings.open(path, word_list=written(tmp_path, "w.txt", "cat\ndog\nox\n"))
    with pytest.raises(InputError, match=r"has more than 3 words for 2 vectors"):
        Embeddings.open(path, word_list=written(tmp_path, "w.txt", "cat\ndog\nox\nmouse\n"))
    with pytest.raises(InputError, match=r"line 1 is empty"):
        Embeddings.open(path, word_list=written(tmp_path, "w.txt", "\ncat\n"))
    with pytest.raises(InputError, match=r"'cat', number 1, comes again as number 2"):
        Embeddings.open(path, word_list=written(tmp_path, "w.txt", "cat\ncat\n"))


@pytest.mark.parametrize("words", [np.array(WORDS), np.array([b"cat", b"dog"])])
@pytest.mark.parametrize("key", ["words", "vocab", "tokens"])
def test_plain_archives_with_their_words(tmp_path: Path, words: NDArray[Any], key: str) -> None:
    np.savez(tmp_path / "a.npz", **{key: words, "vectors": VECTORS})
    same(Embeddings.open(tmp_path / "a.npz"), dtype=np.float64)


BFLOAT = struct.pack("<4H", 0x3F80, 0x4000, 0xBF80, 0x3F00)


def test_bfloat16(tmp_path: Path) -> None:
    header = b'{"w":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}'
    content = struct.pack("<Q", len(header)) + header + BFLOAT
    path = written(tmp_path, "a.safetensors", content)
    found = Embeddings.open(path, word_list=written(tmp_path, "w.txt", "cat\ndog\n"))
    assert found.vectors.tolist() == [[1.0, 2.0], [-1.0, 0.5]]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({"words": np.array(WORDS, dtype=object), "vectors": VECTORS}, "Python objects, which are"),
        ({"a": VECTORS, "b": VECTORS}, r"several \(a, b\)"),
        ({"words": np.array(WORDS)}, "there are none"),
        ({"vectors": VECTORS[0], "words": np.array(WORDS)}, r"float64 of the shape \(3,\)"),
        ({"vectors": np.ones((2, 2), int), "words": np.array(WORDS)}, "int64 of the shape"),
        ({"vectors": VECTORS, "words": np.ones(2)}, "one row of strings is expected"),
    ],
)
def test_archives_that_are_refused(tmp_path: Path, kept: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "a.npz", **kept)
    with pytest.raises(InputError, match=said):
        Embeddings.open(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "cat,1,2\ndog,1\n", "line 2 has 2 fields where 3 are expected"),
        ("a.csv", "cat,1,x\ndog,1,2\n", "line 1 has 'x' where a finite number"),
        ("a.csv", "cat,1,2\ndog,1,x\n", "line 2 has 'x' where a finite number"),
        ("a.csv", ",0,1\ncat,1,2\ndog,1,\n", "line 3 has '' where a finite number"),
        ("a.csv", "cat,1,1e39\n", "line 1 has '1e39' where a finite number"),
        ("a.csv", "cat,1,2\n\ndog,1,2\n", "line 2 is blank"),
        ("a.csv", 'cat,1,2\n"dog,1,2\n', "line 2 has a quotation mark that is not closed"),
        ("a.csv", "cat,1\ncat,2\n", "'cat' of line 1 comes again in line 2"),
        ("a.csv", ",0,1\n", "it has no vectors"),
        ("a.csv", "cat dog\nox\n", "line 1 has 1 field, where"),
        ("a.csv", b"\xff,1\ncat,2\n", r"in line 1, the word b'\\xff' is not UTF-8"),
        ("a.tsv", PROJECTOR, "and no words"),
        ("a.npy", b"\x93NUMPY\x01\x00", "no array of numbers"),
        ("a.npy", b"garbage", "no array of numbers"),
        ("a.bin", struct.pack("<ii", 793712314, 12) + bytes(60), r"a model of fastText.*\.vec"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Embeddings.open(written(tmp_path, name, content))


def test_object_arrays_are_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1, "x"]], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects are not loaded"):
        Embeddings.open(tmp_path / "a.npy", word_list=written(tmp_path, "w.txt", "cat\n"))


def test_a_header_that_announces_too_much_allocates_nothing(tmp_path: Path) -> None:
    head = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 300), }".ljust(117)
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + head.encode() + b"\n"
    with pytest.raises(InputError, match="damaged or cut short"):
        Embeddings.open(
            written(tmp_path, "a.npy", content), word_list=written(tmp_path, "w.txt", "cat\n")
        )


def test_an_endless_line_is_not_read_to_its_end(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "a.tsv.gz"):
        with gzip.open(tmp_path / name, "wb", compresslevel=1) as stream:
            for _ in range(40):
                stream.write(bytes(1 << 20))
        with pytest.raises(InputError, match="line 1 is longer than 32 MiB"):
            Embeddings.open(tmp_path / name)


def test_the_word_list_is_for_what_has_no_words(tmp_path: Path) -> None:
    words = written(tmp_path, "w.txt", "cat\ndog\n")
    with pytest.raises(InputError, match="of the format word2vec, which has its words"):
        Embeddings.open(written(tmp_path, "a.vec", "1 1\ncat 1\n"), word_list=words)
    with pytest.raises(InputError, match="has words of its own"):
        Embeddings.open(written(tmp_path, "a.csv", "cat,1\ndog,2\n"), word_list=words)


@pytest.mark.parametrize("name", ["a.csv", "a.npy"])
def test_formats_that_are_only_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is only read; choose from word2vec, "):
        Embeddings(WORDS, VECTORS).save(tmp_path / name)


def binary(words: list[bytes]) -> bytes:
    rows = [word + b" " + struct.pack("<2f", k + 1, 1 - k) + b"\n" for k, word in enumerate(words)]
    return b"%d 2\n" % len(words) + b"".join(rows)


BAD = [b"king", b"quee\xc3", b"caf\xe9", b"man"]


def files_of_bad_bytes(folder: Path) -> list[Path]:
    lines = [word + b" %d %d" % (k + 1, 1 - k) for k, word in enumerate(BAD)]
    return [
        written(folder, "a.bin", binary(BAD)),
        written(folder, "a.vec", b"\n".join([b"4 2", *lines])),
        written(folder, "a.glove", b"\n".join(lines)),
        written(folder, "a.csv", b"\n".join(lines).replace(b" ", b",")),
    ]


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    for path in files_of_bad_bytes(tmp_path):
        with pytest.raises(InputError, match=r"quee\\xc3.* is not UTF-8.*undecodable='replace'"):
            Embeddings.open(path)
        replaced = Embeddings.open(path, undecodable="replace")
        assert replaced.words == ("king", "quee\ufffd", "caf\ufffd", "man")
        ignored = Embeddings.open(path, undecodable="ignore")
        assert ignored.words == ("king", "quee", "caf", "man")
        assert ignored.vectors[2].tolist() == [3.0, -1.0]
    with pytest.raises(InputError, match="undecodable is 'drop'; choose from 'strict'"):
        Embeddings.open(path, undecodable="drop")  # type: ignore[arg-type]


def test_words_that_become_equal_or_empty_are_left_out_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a.bin", binary([b"caf\xe9", b"caf\xe8", b"\xff", b"man"]))
    with pytest.warns(UserWarning, match="2 words left out, empty or equal"):
        found = Embeddings.open(path, undecodable="ignore")
    assert found.words == ("caf", "man")
    assert found.vectors[:, 0].tolist() == [1.0, 4.0]


@given(content=st.binary(max_size=200), name=st.sampled_from(["a.csv", "a.tsv", "a.npy", "a.npz"]))
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = written(folder, name, content)
    words = written(folder, "w.txt", "cat\ndog\n")
    for given_words in (None, words):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                Embeddings.open(path, word_list=given_words, undecodable="replace")
        except InputError:
            pass
