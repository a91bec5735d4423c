"""Checksums as a reader sees them."""

from __future__ import annotations

from repsearch.storage.checksum import Checksum


def test_a_checksum_is_shown_as_one_writes_it() -> None:
    assert f"{Checksum('sha1', '0' * 40)}" == f"sha1 {'0' * 40}"
