"""Downloads from a server that breaks off, sends wrong sizes, refuses, or changes its files."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_server import Site, closed_port, serving
from places import ROOT

from repsearch.data.download import download, read_online
from repsearch.data.http import Patience, user_agent
from repsearch.errors import InputError
from repsearch.storage.locking import locked

CONTENT = random.Random(1).randbytes(3_000_000)
OTHER = random.Random(2).randbytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SHA1 = hashlib.sha1(CONTENT).hexdigest()
QUICK = Patience(timeout=5, attempts=3, pause=0.01)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Site({"file": CONTENT})) as site:
        yield site


def leftovers(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if file != path)


def subprocess_of(site: Site, path: Path) -> subprocess.Popen[bytes]:
    program = (
        "import sys\n"
        "from repsearch.data.download import download\n"
        "download(sys.argv[1], sys.argv[2], sha256=sys.argv[3])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, site.url("file"), str(path), SHA256],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )


def wait_for(path: Path, size: int) -> None:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.stat().st_size >= size):
        assert time.monotonic() < deadline, f"{path} never reached {size} bytes"
        time.sleep(0.01)


class TestPlain:
    @pytest.mark.smoke
    def test_brings_the_whole_file_and_leaves_nothing_else(self, site: Site, tmp_path: Path):
        path = tmp_path / "new" / "folder" / "file"
        calls: list[tuple[str, float, float | None, str]] = []
        result = download(
            site.url("file"),
            path,
            sha256=SHA256.upper(),
            sha1=SHA1,
            size=len(CONTENT),
            progress=lambda *call: calls.append(call),
        )
        assert result == path
        assert path.read_bytes() == CONTENT
        assert leftovers(path) == []
        assert calls[0] == ("downloading file", 0, len(CONTENT), "bytes")
        assert ("downloading file", len(CONTENT), len(CONTENT), "bytes") in calls
        assert calls[-1][0] == "checking file.part"
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask()

    def test_right_file_there_already_asks_nothing(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        path.write_bytes(CONTENT)
        download(site.url("file"), path, sha256=SHA256)
        assert site.asked == []

    def test_other_file_there_already_is_kept(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        path.write_bytes(b"my own")
        with pytest.raises(InputError, match=f"expected sha1 {SHA1}, found .*remove it"):
            download(site.url("file"), path, sha1=SHA1)
        assert path.read_bytes() == b"my own"
        assert site.asked == []

    def test_a_folder_in_the_way(self, site: Site, tmp_path: Path):
        with pytest.raises(InputError, match="that is a folder"):
            download(site.url("file"), tmp_path)

    def test_empty_file(self, site: Site, tmp_path: Path):
        site.files["empty"] = b""
        assert download(site.url("empty"), tmp_path / "empty", size=0).read_bytes() == b""

    @pytest.mark.parametrize("known", [{}, {"size": len(CONTENT)}])
    def test_length_not_told(self, site: Site, tmp_path: Path, known: dict[str, int]):
        site.lengths = False
        path = download(site.url("file"), tmp_path / "file", **known)
        assert path.read_bytes() == CONTENT

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "ftp://x/y", "x", "http://", "http://a/b c", "http://[/x"]
    )
    def test_not_a_web_address(self, tmp_path: Path, url: str):
        with pytest.raises(InputError, match="not a web address"):
            download(url, tmp_path / "file")

    @pytest.mark.parametrize("known", [{"sha256": SHA1}, {"sha1": "z" * 40}])
    def test_not_a_checksum(self, tmp_path: Path, known: dict[str, str]):
        with pytest.raises(InputError, match="is not a sha"):
            download("http://host/x", tmp_path / "file", **known)


class TestResuming:
    @pytest.mark.smoke
    def test_a_cut_connection_goes_on_where_it_broke(self, site: Site, tmp_path: Path):
        site.cuts = [1_000_000, 500_000]
        path = download(site.url("file"), tmp_path / "file", sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT
        assert leftovers(path) == []
        first, second, third = site.asked
        assert "range" not in first[1]
        assert second[1]["if-range"] == third[1]["if-range"] == '"one"'
        starts = [int(headers["range"][6:-1]) for _, headers in (second, third)]
        assert 0 < starts[0] <= 1_000_000
        assert starts[0] < starts[1] <= starts[0] + 500_000

    def test_more_cuts_than_attempts_when_each_brought_much(self, site: Site, tmp_path: Path):
        long = random.Random(3).randbytes(10_000_000)
        site.files["file"] = long
        site.cuts, site.quiet_cuts = [1_800_000] * 5, True
        path = download(site.url("file"), tmp_path / "file", patience=Patience(5, 2, 0.01))
        assert path.read_bytes() == long
        assert len(site.asked) == 6

    def test_a_quiet_early_end_is_noticed(self, site: Site, tmp_path: Path):
        # Some proxies end a connection in order, though bytes are missing.
        site.cuts, site.quiet_cuts = [700_000], True
        path = download(site.url("file"), tmp_path / "file", sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT
        assert site.ranges_asked == [None, "bytes=700000-"]

    def test_a_server_without_ranges_starts_again(self, site: Site, tmp_path: Path):
        site.ranges = False
        site.cuts = [1_000_000]
        path = download(site.url("file"), tmp_path / "file", sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT
        assert site.ranges_asked[1] is not None

    def test_last_modified_serves_where_the_etag_is_weak(self, site: Site, tmp_path: Path):
        site.etag, site.last_modified = 'W/"weak"', "Tue, 01 Jul 2025 10:00:00 GMT"
        site.cuts = [1_000_000]
        path = download(site.url("file"), tmp_path / "file", patience=QUICK)
        assert path.read_bytes() == CONTENT
        assert site.asked[1][1]["if-range"] == site.last_modified

    def test_nothing_to_tell_versions_apart_starts_again(self, site: Site, tmp_path: Path):
        site.etag = None
        site.cuts = [1_000_000]
        path = download(site.url("file"), tmp_path / "file", patience=QUICK)
        assert path.read_bytes() == CONTENT
        assert site.ranges_asked == [None, None]

    def test_a_changed_file_is_never_glued_to_the_old_one(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        interrupt(site, path)
        site.files["file"], site.etag = OTHER, '"two"'
        download(site.url("file"), path, patience=QUICK)
        assert path.read_bytes() == OTHER
        assert leftovers(path) == []

    def test_a_changed_length_under_the_same_etag(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        interrupt(site, path)
        site.files["file"] = OTHER + b"more"
        download(site.url("file"), path, patience=QUICK)
        assert path.read_bytes() == OTHER + b"more"

    def test_a_shrunk_file_under_the_same_etag(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        interrupt(site, path)
        site.files["file"] = b"short"
        download(site.url("file"), path, patience=QUICK)
        assert path.read_bytes() == b"short"
        assert site.ranges_asked[-1] is None

    def test_the_wrong_range(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        interrupt(site, path)
        site.wrong_range_start = True
        download(site.url("file"), path, sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT

    def test_a_part_of_another_address_is_not_used(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        interrupt(site, path)
        site.files["other"] = OTHER
        download(site.url("other"), path)
        assert path.read_bytes() == OTHER

    @pytest.mark.parametrize("note", ["", "[]", "{}", '{"url": 1, "etag": 2}', "\x00"])
    def test_a_damaged_note_starts_again(self, site: Site, tmp_path: Path, note: str):
        path = tmp_path / "file"
        interrupt(site, path)
        (tmp_path / "file.part.json").write_text(note)
        download(site.url("file"), path, sha256=SHA256)
        assert path.read_bytes() == CONTENT
        assert site.ranges_asked[-1] is None

    def test_killed_between_the_last_byte_and_the_renaming(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        interrupt(site, path)
        (tmp_path / "file.part").write_bytes(CONTENT)
        asked = len(site.asked)
        download(site.url("file"), path, sha256=SHA256)
        assert path.read_bytes() == CONTENT
        assert len(site.asked) == asked


def interrupt(site: Site, path: Path) -> None:
    """Press Ctrl-C after some bytes."""

    def stop(stage: str, done: float, total: float | None, unit: str) -> None:
        if done >= 500_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(site.url("file"), path, progress=stop)
    part = path.with_name(f"{path.name}.part")
    assert 500_000 <= part.stat().st_size < len(CONTENT)
    assert leftovers(path) == ["file.part", "file.part.json"]
    assert not path.exists()


class TestRefusals:
    def test_not_there(self, site: Site, tmp_path: Path):
        with pytest.raises(InputError, match=r"absent: HTTP 404 .*check the address"):
            download(site.url("absent"), tmp_path / "file")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("status", [500, 503, 429])
    def test_passing_trouble_is_waited_for(self, site: Site, tmp_path: Path, status: int):
        site.statuses = [status, status]
        path = download(site.url("file"), tmp_path / "file", sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT

    def test_lasting_trouble_ends(self, site: Site, tmp_path: Path):
        site.statuses = [503] * 10
        with pytest.raises(InputError, match=r"after 3 failed tries.*HTTP 503.*save it as .*file"):
            download(site.url("file"), tmp_path / "file", patience=QUICK)
        assert len(site.asked) == 3

    def test_the_server_tells_how_long_to_wait(self, site: Site, tmp_path: Path):
        site.statuses, site.retry_after = [429], "0"
        slow = Patience(timeout=5, attempts=2, pause=30)
        began = time.monotonic()
        download(site.url("file"), tmp_path / "file", patience=slow)
        assert time.monotonic() - began < 10

    def test_no_wait_is_longer_than_the_longest(self, site: Site, tmp_path: Path):
        site.statuses, site.retry_after = [429], "3600"
        began = time.monotonic()
        download(site.url("file"), tmp_path / "file", patience=Patience(5, 2, 0.01, 0.02))
        assert time.monotonic() - began < 10

    @pytest.mark.parametrize("asked", ["Fri, 01 Jan 2100 00:00:00 GMT", "soon", "-1"])
    def test_a_wait_until_a_date_or_of_nonsense(self, site: Site, tmp_path: Path, asked: str):
        site.statuses, site.retry_after = [503, 503], asked
        began = time.monotonic()
        download(site.url("file"), tmp_path / "file", patience=Patience(5, 3, 0.01, 0.02))
        assert time.monotonic() - began < 10

    @pytest.mark.smoke
    def test_waits_grow(self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        waits: list[float] = []
        monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
        site.statuses = [503] * 5
        download(site.url("file"), tmp_path / "file", patience=Patience(5, 6, 1, 3))
        assert waits == [1, 2, 3, 3]  # the second try comes at once

    def test_forbidden_tells_of_the_contact(
        self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        site.statuses = [403]
        with pytest.raises(InputError, match="REPSEARCH_CONTACT"):
            download(site.url("file"), tmp_path / "file")
        monkeypatch.setenv("REPSEARCH_CONTACT", "me@example.org\r\nX-Evil: yes é")
        download(site.url("file"), tmp_path / "file")
        agent = site.asked[-1][1]["user-agent"]
        assert agent == user_agent()
        assert "me@example.orgX-Evil: yes" in agent
        assert "x-evil" not in site.asked[-1][1]

    def test_416_for_the_whole_file(self, site: Site, tmp_path: Path):
        site.statuses = [416]
        with pytest.raises(InputError, match="416"):
            download(site.url("file"), tmp_path / "file")

    def test_nobody_listens(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        began = time.monotonic()
        with pytest.raises(InputError, match=r"cannot reach .*save it as .*file"):
            download(f"http://127.0.0.1:{closed_port()}/x", tmp_path / "file")
        assert time.monotonic() - began < 5

    @pytest.mark.smoke
    def test_no_such_host(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        def unknown(*args: object, **kwargs: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setenv("no_proxy", "*")
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(InputError, match=r"cannot reach .*\(Name or service not known\)"):
            download("http://host.invalid/x", tmp_path / "file")

    @pytest.mark.smoke
    def test_a_silent_server_times_out(self, site: Site, tmp_path: Path):
        site.hold_after = 1000
        with pytest.raises(InputError, match="timed out"):
            download(site.url("file"), tmp_path / "file", patience=Patience(0.2, 2, 0.01))

    @pytest.mark.parametrize("known", [{"sha256": "0" * 64}, {"sha1": "0" * 40}])
    def test_wrong_checksum(self, site: Site, tmp_path: Path, known: dict[str, str]):
        (algorithm, zeros), *_ = known.items()
        found = {"sha256": SHA256, "sha1": SHA1}[algorithm]
        with pytest.raises(InputError, match=f"expected {algorithm} {zeros}, found {found}"):
            download(site.url("file"), tmp_path / "file", **known)
        assert list(tmp_path.iterdir()) == []

    def test_wrong_size_is_noticed_before_the_first_byte(self, site: Site, tmp_path: Path):
        with pytest.raises(InputError, match="expected 5 bytes, the server has 3000000"):
            download(site.url("file"), tmp_path / "file", size=5)
        assert list(tmp_path.iterdir()) == []

    def test_wrong_size_where_the_length_is_not_told(self, site: Site, tmp_path: Path):
        site.lengths = False
        with pytest.raises(InputError, match="expected 5 bytes, found"):
            download(site.url("file"), tmp_path / "file", size=5)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk(self, site: Site, tmp_path: Path):
        (tmp_path / "file.part").symlink_to("/dev/full")
        with pytest.raises(InputError, match="the disk is full"):
            download(site.url("file"), tmp_path / "file")
        assert not (tmp_path / "file").exists()
        assert len(site.asked) == 1

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_cannot_be_written(self, site: Site, tmp_path: Path):
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(InputError, match="no permission"):
                download(site.url("file"), tmp_path / "file")
        finally:
            tmp_path.chmod(0o700)

    def test_a_file_where_a_folder_is_needed(self, site: Site, tmp_path: Path):
        (tmp_path / "file").write_text("x")
        with pytest.raises(InputError, match="cannot write"):
            download(site.url("file"), tmp_path / "file" / "below")


class TestRoutes:
    @pytest.mark.smoke
    def test_a_redirection_is_followed_on_resuming_too(self, site: Site, tmp_path: Path):
        site.moved = {"old": site.url("older"), "older": "/file"}
        site.cuts = [None, None, 1_000_000]
        path = download(site.url("old"), tmp_path / "file", sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT
        assert [bool(asked) for asked in site.ranges_asked] == [False] * 3 + [True] * 3

    @pytest.mark.parametrize("target", ["old", "file:///etc/passwd"])
    def test_a_redirection_to_nowhere(self, site: Site, tmp_path: Path, target: str):
        site.moved = {"old": target}
        with pytest.raises(InputError, match=r"/old: (too many redirects|No host specified)"):
            download(site.url("old"), tmp_path / "file", patience=QUICK)

    def test_the_proxy_of_the_environment(
        self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        url = "http://host.invalid/file"
        site.files[url] = CONTENT
        for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", site.base.replace("://", "://me:a%40b@"))
        path = download(url, tmp_path / "file", sha256=SHA256, patience=QUICK)
        assert path.read_bytes() == CONTENT
        login = base64.b64encode(b"me:a@b").decode()
        assert site.asked[0][1]["proxy-authorization"] == f"Basic {login}"
        monkeypatch.setenv("http_proxy", site.base.removeprefix("http://"))
        assert download(url, tmp_path / "again", patience=QUICK).read_bytes() == CONTENT
        monkeypatch.setenv("no_proxy", ".invalid")
        with pytest.raises(InputError, match="cannot reach"):
            download(url, tmp_path / "direct", patience=QUICK)

    @pytest.mark.parametrize("address", ["socks5://me:secret@127.0.0.1:9", "127.0.0.1:{port}"])
    def test_a_proxy_of_no_use(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str):
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("http_proxy", address.format(port=closed_port()))
        with pytest.raises(InputError, match=r"[Pp]roxy") as raised:
            download("http://host.invalid/x", tmp_path / "file", patience=QUICK)
        assert "secret" not in str(raised.value)


class TestProcesses:
    @pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
    def test_killed_and_resumed(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        site.hold_after = 1_000_000
        process = subprocess_of(site, path)
        try:
            wait_for(tmp_path / "file.part", 900_000)
        finally:
            process.kill()
            process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert leftovers(path) == ["file.lock", "file.part", "file.part.json"]
        site.hold_after = None
        site.gate.set()

        download(site.url("file"), path, sha256=SHA256)

        assert path.read_bytes() == CONTENT
        assert leftovers(path) == []
        resumed_at = site.ranges_asked[-1]
        assert resumed_at is not None
        assert int(resumed_at[6:-1]) >= 900_000

    def test_a_second_process_is_refused(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        site.hold_after = 1_000_000
        process = subprocess_of(site, path)
        try:
            wait_for(tmp_path / "file.part", 900_000)
            with pytest.raises(InputError, match=rf"process {process.pid} on .*file\.lock"):
                download(site.url("file"), path)
            site.gate.set()
            _, complaints = process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
        assert process.returncode == 0, complaints
        assert path.read_bytes() == CONTENT
        assert leftovers(path) == []

    def test_a_process_refused_by_this_one_says_so(self, site: Site, tmp_path: Path):
        path = tmp_path / "file"
        with locked(path):
            process = subprocess_of(site, path)
            _, complaints = process.communicate(timeout=20)
        assert process.returncode == 1
        assert f"process {os.getpid()} on" in complaints.decode()
        assert site.asked == []


class TestReadOnline:
    def test_gives_the_content_after_trouble(self, site: Site):
        site.files["list"] = b"some lines\n" * 1000
        site.statuses, site.cuts = [503], [None, 50]
        assert read_online(site.url("list"), by_hand="x", patience=QUICK) == site.files["list"]

    def test_refuses_what_is_too_long(self, site: Site):
        with pytest.raises(InputError, match="longer than 1000 bytes"):
            read_online(site.url("file"), by_hand="x", limit=1000)

    def test_tells_what_to_do_without_a_network(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with pytest.raises(InputError, match="or bring it on paper"):
            read_online(f"http://127.0.0.1:{closed_port()}/x", by_hand="bring it on paper")


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
