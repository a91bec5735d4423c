"""Files of paths, folders, globs and URLs; shards made of them; and what each refusal names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from local_server import Site, serving

import repsearch as rs
from repsearch import cluster as on_dask
from repsearch.errors import InputError
from repsearch.shards import count_in_shards
from repsearch.shards.grouping import grouped
from repsearch.shards.inputs import ShardFile, find_files, is_url, local_name
from repsearch.shards.tasks import read_shard

fsspec = pytest.importorskip("fsspec")


def names(texts: list[str], tmp_path: Path) -> list[str]:
    found = find_files(texts, tmp_path / "fetched").files
    return [file.name.removeprefix(f"{tmp_path}/") for file in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.txt", "sub/c.txt", "sub/.hidden", "sub/none.txt", "we [ird].txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("" if "none" in name else f"the {path.stem} sat\n")
    (tmp_path / "sub" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return tmp_path


def test_globs_are_sorted_and_files_keep_the_order_given(folder, tmp_path):
    assert names([f"{folder}/?.txt"], tmp_path) == ["a.txt", "b.txt"]
    assert names([f"{folder}/b.txt", f"{folder}/a.txt"], tmp_path) == ["b.txt", "a.txt"]
    assert names([f"{folder}/**/c.t*"], tmp_path) == ["sub/c.txt"]
    # A file of that very name is no pattern.
    assert names([f"{folder}/we [ird].txt"], tmp_path) == ["we [ird].txt"]
    assert names([f"file://{folder}/?.txt"], tmp_path) == ["a.txt", "b.txt"]
    assert names([f"file://{folder}/we%20[ird].txt"], tmp_path) == ["we [ird].txt"]


def test_what_is_no_text_in_a_folder_is_left_out_as_by_one_process(folder, tmp_path):
    found = find_files([f"{folder}/sub"], tmp_path / "fetched")
    assert [Path(file.name).name for file in found.files] == ["c.txt"]
    alone = rs.encode(rs.TextFiles((folder / "sub",)), vocabulary_size=None)
    assert found.left_out == alone.record.left_out
    assert len(found.left_out) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-", "standard input cannot be counted in shards"),
        ("/dev/null", "/dev/null is a pipe or a device, which is read once"),
        ("{}/absent.txt", "{}/absent.txt does not exist; check the path"),
        ("{}/*.nothing", "'{}/*.nothing' matches no file; check the folder and the pattern"),
        ("file://{}/*.nothing", "'{}/*.nothing' matches no file"),
        ("memory://no/such.txt", "memory://no/such.txt does not exist; check the address"),
        ("memory://no/*.txt", "'memory://no/*.txt' matches no file"),
        ("nonsense://a/b", "cannot read nonsense://a/b (ValueError: Protocol not known"),
        ("zip://*.txt::file://{}/a.txt", "is a chain of URLs|cannot read zip://"),
    ],
)
def test_what_cannot_be_is_named(folder, tmp_path, text, said):
    with pytest.raises(InputError) as refused:
        find_files([text.format(folder)], tmp_path / "fetched")
    alternatives = said.format(folder).split("|")
    assert any(one in str(refused.value) for one in alternatives), refused.value


def test_only_files_without_text(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "empty.txt").touch()
    with pytest.raises(InputError, match=r"none of the 1 files found is text: .* is empty"):
        find_files([str(tmp_path / "text")], tmp_path / "fetched")


def test_urls_give_the_file_of_one_process(cluster, tmp_path):
    """Of a web server, of this process's memory, and of a file, on workers of their own."""
    pytest.importorskip("aiohttp")
    texts = [f"the cat saw {'a dog ' * k}\n" for k in range(1, 5)]
    paths = [tmp_path / f"{k}.txt" for k in range(4)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    fsspec.filesystem("memory").pipe("/shards/1.txt", texts[1].encode())
    with serving(Site({"0.txt": texts[0].encode(), "3.txt": texts[3].encode()})) as site:
        given = [site.url("0.txt"), "memory://shards/*.txt", f"file://{paths[2]}"]
        found = count_in_shards(
            [*given, site.url("3.txt")],
            tmp_path / "shards",
            scheduler=cluster.scheduler_address,
            shard_bytes=1,
        )
    fsspec.filesystem("memory").rm("/shards", recursive=True)
    found.counts.save(tmp_path / "many.npz")
    rs.count(rs.encode(rs.TextFiles(tuple(paths)))).save(tmp_path / "one.npz")
    assert (tmp_path / "many.npz").read_bytes() == (tmp_path / "one.npz").read_bytes()
    assert found.n_shards == 4


def test_a_url_that_is_gone_is_named_and_not_its_copy(cluster, tmp_path):
    pytest.importorskip("aiohttp")
    with serving(Site({"0.txt": b"the cat\n", "bad.txt": b"\xff\xfe\xff"})) as site:
        with pytest.raises(InputError, match=re.escape(f"{site.url('gone.txt')} does not exist")):
            find_files([site.url("gone.txt")], tmp_path / "fetched")
        with pytest.raises(InputError) as refused:
            count_in_shards(
                [site.url("0.txt"), site.url("bad.txt")],
                tmp_path / "shards",
                scheduler=cluster.scheduler_address,
                shard_bytes=1,
            )
    assert str(refused.value).startswith(site.url("bad.txt"))
    assert "(worker tcp://127.0.0.1:" in str(refused.value)


def test_a_file_that_a_worker_cannot_read_is_named_with_the_worker(cluster, tmp_path):
    """Here by its permissions, or, for the superuser, because it is no longer there."""
    from repsearch.shards.store import shard_folder

    missing = ShardFile(str(tmp_path / "only-here.txt"), 5, "1")
    with (
        shard_folder(tmp_path / "shards", "program") as store,
        on_dask.workers(cluster.scheduler_address) as crew,
    ):
        task = crew.submit(
            read_shard, store, str(tmp_path / "shards" / "x"), [missing], _reading(), name="read"
        )
        with pytest.raises(
            InputError, match=r"only-here.txt does not exist; check the path \(worker tcp://"
        ):
            list(crew.results([task]))
        elsewhere = type(store)(str(tmp_path / "other"), store.program, store.token)
        task = crew.submit(read_shard, elsewhere, "x", [missing], _reading(), name="read")
        with pytest.raises(InputError, match=r"does not see the folder .*other .* --shards"):
            list(crew.results([task]))
        crew._program = "another"
        task = crew.submit(read_shard, store, "x", [missing], _reading(), name="read")
        with pytest.raises(InputError, match="other files of repsearch than this command"):
            list(crew.results([task]))


def _reading() -> Any:
    from repsearch.corpus.shards import ShardReading

    return ShardReading("latin", "line", None, "stop", 1, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tokenizer": "other"}, "tokenizer is 'other'; in shards choose one of latin"),
        ({"memory": 1000}, "a memory limit of 1,000 bytes is too small to count in"),
        ({"vocabulary": ["a", "a"]}, "vocabulary holds 'a' twice"),
        ({"vocabulary": ["a"], "stop_words": ["a"]}, "'a' is in the vocabulary and among the stop"),
        ({"field": "x", "document": "file"}, "with a field each record is a document"),
        ({"document": "page"}, "document is 'page'; choose one of 'line'"),
        ({"bad_bytes": "x"}, "bad_bytes is 'x'; choose one of 'stop'"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "no Dask scheduler answers at 'tcp://127.0.0.1:1'"),
        ({"scheduler": "nowhere"}, "no Dask scheduler answers at 'nowhere'"),
        ({"processes": 0}, "threads is 0"),
    ],
)
def test_bad_settings_are_refused(tmp_path, monkeypatch, changes, said):
    monkeypatch.setattr(on_dask, "_PATIENCE", 0.5)
    (tmp_path / "a.txt").write_text("the cat\n")
    with pytest.raises(InputError, match=re.escape(said)):
        count_in_shards(tmp_path / "a.txt", tmp_path / "shards", **changes)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_scheduler_without_workers_is_named(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(on_dask, "_PATIENCE", 0.5)
    (tmp_path / "a.txt").write_text("the cat\n")
    with distributed.LocalCluster(
        n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as empty:
        address = empty.scheduler_address
        with pytest.raises(InputError, match=f"the Dask scheduler at {address} has no worker"):
            count_in_shards(tmp_path / "a.txt", tmp_path / "shards", scheduler=address)


def test_the_extra_that_is_not_installed_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("the cat\n")
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InputError, match=r"needs dask and distributed and fsspec.* pip install"):
        count_in_shards(tmp_path / "a.txt", tmp_path / "shards")
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(InputError, match=r"text behind a URL needs fsspec"):
        count_in_shards("s3://bucket/a.txt", tmp_path / "shards")


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "a.txt").write_text("the cat\n")
    with pytest.raises(InputError, match=r"holds 'a\.txt', which is of no shard"):
        count_in_shards(tmp_path / "a.txt", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_shards_are_made_of_files_that_follow_one_another_and_depend_on_the_text_alone():
    files = [ShardFile(f"{k}.txt", size, None) for k, size in enumerate([5, 5, 20, 1, 1, 1])]
    assert [len(shard) for shard in grouped(files, 10)] == [2, 1, 3]
    assert [file for shard in grouped(files, 10) for file in shard] == files
    packed = [ShardFile("a.txt.gz", 3, None), ShardFile("b.txt", 3, None)]
    assert [len(shard) for shard in grouped(packed, 10)] == [1, 1]
    unknown = [ShardFile("http://x/a", None, None), ShardFile("http://x/b", None, None)]
    assert [len(shard) for shard in grouped(unknown)] == [1, 1]
    large = [ShardFile(f"{k}.txt", 1 << 20, None) for k in range(1600)]
    assert {len(shard) for shard in grouped(large)} == {32}
    assert {len(shard) for shard in grouped(large[:64])} == {16}


def test_names_of_copies():
    assert local_name("http://h/a b.txt.gz?x=/y") == "a_b.txt.gz"
    assert local_name("http://h/.txt") == "txt"
    assert len(local_name("http://h/" + "x" * 300 + ".gz")) == 100
    assert is_url("S3://bucket/x")
    assert not is_url("a:b")
    assert not is_url("./a://b")
