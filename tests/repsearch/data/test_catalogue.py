"""The catalogue, and fetching from it with a real server in the place of the network."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_server import Site, closed_port, serving

from repsearch.data.catalogue import (
    DATASETS,
    Dataset,
    Member,
    cache_folder,
    dataset,
    listed_checksum,
)
from repsearch.data.fetch import fetch, unpack
from repsearch.data.http import Patience
from repsearch.errors import InputError
from repsearch.storage.checksum import Checksum, Expected

WORDS = ("the quick brown fox jumps over a lazy dog " * 5000).encode()
DUMP = random.Random(4).randbytes(200_000)
DUMP_SHA1 = hashlib.sha1(DUMP).hexdigest()
QUICK = Patience(timeout=5, attempts=2, pause=0.01)
SUMS = f"""\
{"0" * 40}  mywiki-20260801-pages-articles-multistream.xml.bz2
{"1" * 40}  mywiki-20260801-pages-articles1.xml.bz2
{DUMP_SHA1}  mywiki-20260801-pages-articles.xml.bz2
{"2" * 40}  mywiki-20260801-pages-articles.xml.bz2.extra
"""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Site()) as site:
        yield site


def zipped(folder: Path, content: bytes = WORDS, name: str = "words") -> bytes:
    archive = folder / "made.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    content = archive.read_bytes()
    archive.unlink()
    return content


def packed_entry(site: Site, archive: bytes) -> Dataset:
    site.files["words.zip"] = archive
    expected = Expected(len(WORDS), (Checksum("sha256", hashlib.sha256(WORDS).hexdigest()),))
    return Dataset(
        name="mine",
        title="Words of mine",
        url=site.url("words.zip"),
        licence="free",
        source="here",
        suffix=".txt",
        reader="text",
        size=len(archive),
        checksum=Checksum("sha256", hashlib.sha256(archive).hexdigest()),
        member=Member("words", expected),
    )


def dump_entry(site: Site) -> Dataset:
    site.files["mywiki-latest-pages-articles.xml.bz2"] = DUMP
    site.files["mywiki-latest-sha1sums.txt"] = SUMS.encode()
    return Dataset(
        name="mywiki-latest",
        title="A wiki",
        url=site.url("mywiki-latest-pages-articles.xml.bz2"),
        licence="free",
        source="here",
        suffix=".xml.bz2",
        reader="wikipedia",
        checksum_url=site.url("mywiki-latest-sha1sums.txt"),
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestEntries:
    @pytest.mark.parametrize("name", DATASETS)
    def test_is_consistent(self, name: str):
        entry = dataset(name)
        assert entry.name == name
        assert entry.file_name.endswith(entry.suffix)
        assert entry.url.endswith(entry.download_name)
        assert entry.licence
        assert entry.source
        assert (entry.checksum is None) != (entry.checksum_url is None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            entry.name = "other"  # type: ignore[misc]

    def test_text8(self):
        entry = dataset("text8")
        assert (entry.url, entry.size) == ("http://mattmahoney.net/dc/text8.zip", 31_344_016)
        assert entry.file_name == "text8.txt"
        assert entry.member is not None
        assert entry.member.expected.size == 10**8

    @pytest.mark.parametrize("wiki", ["simplewiki", "enwiki"])
    def test_wikipedia(self, wiki: str):
        entry = dataset(f"{wiki}-latest")
        folder = f"https://dumps.wikimedia.org/{wiki}/latest"
        assert entry.url == f"{folder}/{wiki}-latest-pages-articles.xml.bz2"
        assert entry.checksum_url == f"{folder}/{wiki}-latest-sha1sums.txt"
        assert entry.file_name == f"{wiki}-latest-pages-articles.xml.bz2"

    def test_unknown(self):
        with pytest.raises(InputError, match=r"did you mean 'text8'.*simplewiki-latest"):
            dataset("text9")
        with pytest.raises(InputError, match="no data set 'zzz': there are"):
            fetch("zzz")


class TestListedChecksum:
    def test_finds_the_dated_name(self):
        assert listed_checksum(SUMS, "mywiki-latest-pages-articles.xml.bz2") == (
            "mywiki-20260801-pages-articles.xml.bz2",
            Checksum("sha1", DUMP_SHA1),
        )

    def test_finds_the_same_name_and_the_marks_of_binary_files(self):
        text = f"{'A' * 64} *x-latest-y.bz2\r\n"
        assert listed_checksum(text, "x-latest-y.bz2") == (
            "x-latest-y.bz2",
            Checksum("sha256", "a" * 64),
        )

    @pytest.mark.parametrize(
        "line",
        [
            "",
            f"{'0' * 40}",
            f"{'0' * 32}  mywiki-latest-x",
            f"{'0' * 40}  yourwiki-20260801-x",
            f"{'0' * 40}  mywiki-2026-x",
            f"{'0' * 40}  amywiki-20260801-x",
            "<html>404</html>",
        ],
    )
    def test_finds_nothing_else(self, line: str):
        assert listed_checksum(line, "mywiki-latest-x") is None


class TestCacheFolder:
    def test_own_variable_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("REPSEARCH_CACHE", str(tmp_path))
        monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
        assert cache_folder() == tmp_path

    def test_the_desktops_variable_next(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.delenv("REPSEARCH_CACHE", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert cache_folder() == tmp_path / "repsearch"

    @pytest.mark.parametrize("shared", ["", "relative"])
    def test_home_last(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str):
        monkeypatch.setenv("REPSEARCH_CACHE", "")
        monkeypatch.setenv("XDG_CACHE_HOME", shared)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache_folder() == tmp_path / ".cache" / "repsearch"


class TestFetchPacked:
    def test_downloads_checks_unpacks_and_notes(self, site: Site, tmp_path: Path):
        entry = packed_entry(site, zipped(tmp_path))
        stages: list[str] = []
        path = fetch(
            entry, tmp_path / "data", progress=lambda stage, *rest: stages.append(stage.split()[0])
        )
        assert path == tmp_path / "data" / "mine.txt"
        assert path.read_bytes() == WORDS
        assert names(path.parent) == ["mine.txt", "mine.txt.source.json", "words.zip"]
        note = json.loads((path.parent / "mine.txt.source.json").read_text())
        assert note["url"] == entry.url
        assert entry.checksum is not None
        assert note["checksum"] == f"sha256:{entry.checksum.hex}"
        assert list(dict.fromkeys(stages)) == ["downloading", "checking", "unpacking"]

    def test_needs_no_network_again(self, site: Site, tmp_path: Path):
        entry = packed_entry(site, zipped(tmp_path))
        path = fetch(entry, tmp_path)
        (tmp_path / "words.zip").unlink()
        assert fetch(entry, str(tmp_path)) == path
        assert len(site.asked) == 1

    def test_default_folder(self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("REPSEARCH_CACHE", str(tmp_path / "cache"))
        path = fetch(packed_entry(site, zipped(tmp_path)))
        assert path.parent == tmp_path / "cache"

    @pytest.mark.parametrize("name", ["words.zip", "mine.txt"])
    def test_takes_what_was_put_there_by_hand(self, site: Site, tmp_path: Path, name: str):
        archive = zipped(tmp_path)
        entry = packed_entry(site, archive)
        (tmp_path / name).write_bytes({"words.zip": archive, "mine.txt": WORDS}[name])
        assert fetch(entry, tmp_path).read_bytes() == WORDS
        assert site.asked == []

    def test_keeps_another_file_of_that_name(self, site: Site, tmp_path: Path):
        entry = packed_entry(site, zipped(tmp_path))
        (tmp_path / "mine.txt").write_text("my own")
        with pytest.raises(InputError, match=r"is not mine: expected .* bytes, found 6"):
            fetch(entry, tmp_path)
        assert (tmp_path / "mine.txt").read_text() == "my own"

    @pytest.mark.parametrize("note", ["", "[]", "{}", '{"bytes": "x"}'])
    def test_looks_again_when_the_note_is_damaged(self, site: Site, tmp_path: Path, note: str):
        entry = packed_entry(site, zipped(tmp_path))
        path = fetch(entry, tmp_path)
        (tmp_path / "mine.txt.source.json").write_text(note)
        assert fetch(entry, tmp_path) == path
        assert len(site.asked) == 1

    def test_without_a_network_tells_where_to_put_it(self, site: Site, tmp_path: Path):
        entry = packed_entry(site, zipped(tmp_path))
        offline = dataclasses.replace(entry, url=f"http://127.0.0.1:{closed_port()}/words.zip")
        with pytest.raises(InputError, match=f"save it as {tmp_path / 'words.zip'}"):
            fetch(offline, tmp_path)


class TestUnpack:
    def damaged(self, folder: Path) -> bytes:
        content = bytearray(zipped(folder, random.Random(5).randbytes(50_000)))
        content[20_000] ^= 1
        return bytes(content)

    def test_damaged(self, tmp_path: Path):
        (tmp_path / "a.zip").write_bytes(self.damaged(tmp_path))
        with pytest.raises(InputError, match="not a sound zip"):
            unpack(tmp_path / "a.zip", "words", tmp_path / "words")
        assert names(tmp_path) == ["a.zip"]

    def test_not_a_zip(self, tmp_path: Path):
        (tmp_path / "a.zip").write_text("<html>")
        with pytest.raises(InputError, match="not a sound zip"):
            unpack(tmp_path / "a.zip", "words", tmp_path / "words")

    def test_no_such_member(self, tmp_path: Path):
        (tmp_path / "a.zip").write_bytes(zipped(tmp_path, name="letters"))
        with pytest.raises(InputError, match="has no file 'words' in it"):
            unpack(tmp_path / "a.zip", "words", tmp_path / "words")

    def test_a_member_with_a_password(self, tmp_path: Path):
        content = bytearray(zipped(tmp_path))
        # Bit 0 of the flags, in the member's own header and in the directory.
        content[6] |= 1
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        (tmp_path / "a.zip").write_bytes(content)
        with pytest.raises(InputError, match="encrypted"):
            unpack(tmp_path / "a.zip", "words", tmp_path / "words")


class TestFetchDump:
    FILE = "mywiki-latest-pages-articles.xml.bz2"

    def test_checks_against_the_list(self, site: Site, tmp_path: Path):
        path = fetch(dump_entry(site), tmp_path)
        assert path.read_bytes() == DUMP
        assert names(tmp_path) == [self.FILE, f"{self.FILE}.source.json"]
        note = json.loads((tmp_path / f"{self.FILE}.source.json").read_text())
        assert note["edition"] == "mywiki-20260801-pages-articles.xml.bz2"
        assert note["checksum"] == f"sha1:{DUMP_SHA1}"

    def test_a_newer_edition_leaves_the_fetched_one_alone(self, site: Site, tmp_path: Path):
        entry = dump_entry(site)
        path = fetch(entry, tmp_path)
        site.files[self.FILE] = b"new"
        assert fetch(entry, tmp_path) == path
        assert path.read_bytes() == DUMP
        assert len(site.asked) == 2

    def test_another_file_than_the_listed(self, site: Site, tmp_path: Path):
        entry = dump_entry(site)
        site.files[self.FILE] = DUMP[::-1]
        with pytest.raises(InputError, match=f"expected sha1 {DUMP_SHA1}, found"):
            fetch(entry, tmp_path)
        assert names(tmp_path) == []

    def test_a_list_without_the_file(self, site: Site, tmp_path: Path):
        entry = dump_entry(site)
        site.files["mywiki-latest-sha1sums.txt"] = b"\xff nothing\n"
        with pytest.raises(InputError, match=r"sha1sums\.txt has no checksum of mywiki-latest"):
            fetch(entry, tmp_path)

    def test_dump_and_list_put_there_by_hand(self, site: Site, tmp_path: Path):
        entry = dump_entry(site)
        (tmp_path / self.FILE).write_bytes(DUMP)
        (tmp_path / "mywiki-latest-sha1sums.txt").write_text(SUMS)
        assert fetch(entry, tmp_path).read_bytes() == DUMP
        assert site.asked == []

    def test_without_a_network_names_both_files(self, site: Site, tmp_path: Path):
        entry = dataclasses.replace(
            dump_entry(site), checksum_url=f"http://127.0.0.1:{closed_port()}/x-latest-sums.txt"
        )
        with pytest.raises(InputError, match=f"x-latest-sums.*and {entry.url} by hand .*both in"):
            fetch(entry, tmp_path, patience=QUICK)
