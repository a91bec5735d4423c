"""Know what of a run folder stands, so that it is not worked out again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.studies.run_folder import COUNTS_FILE, STAGES, RunFolder, faults
from repsearch.errors import InputError
from repsearch.storage import provenance
from repsearch.storage.atomic import sha256
from repsearch.storage.keys import key_of, program_digest
from repsearch.storage.tables import write_json

if TYPE_CHECKING:
    from repsearch import Corpus, Counts, Window

_OF_THE_STUDY = ("d", "loss", "dtype", "device", "seed")
"""Settings that the study depends on: not the number of threads, which changes no bit."""


@dataclass
class StandingCounts:
    """The counts that a run before has left in a folder, if they rest on the same.

    Parameters
    ----------
    place : RunFolder
        The folder.
    key : str
        What the counts that were asked for rest on.
    found : bool
        Whether they are those of the run before.
    """

    place: RunFolder
    key: str = ""
    found: bool = False

    def __call__(self, corpus: Corpus, window: Window) -> Counts | None:
        """Open them.

        Parameters
        ----------
        corpus : Corpus
            The encoded text.
        window : Window
            Which words are near each other.

        Returns
        -------
        Counts or None
            None where there are none, they rest on something else, or their file is not as it
            was written.
        """
        from repsearch import Counts

        settings = {
            "window": repr(window),
            "tokenizer": corpus.tokenizer,
            "corpus": asdict(corpus.settings),
            "words_read": corpus.n_words_read,
        }
        self.key = _key("counts", settings, {"corpus": corpus.digest})
        path = self.place.folder / COUNTS_FILE
        try:
            record = json.loads((self.place.folder / STAGES).read_bytes())
            if record != {"counts": {"key": self.key, "sha256": sha256(path)}}:
                return None
            there = Counts.open(path)
        except (OSError, ValueError, RecursionError, InputError):
            return None
        self.found = True
        return there

    def keep(self, counts: Counts) -> None:
        """Write counts, and then what they rest on; nothing where they were found.

        Parameters
        ----------
        counts : Counts
            The counts of the corpus that was asked about.

        Raises
        ------
        InputError
            They cannot be written.
        """
        if self.found:
            return
        self.place.begin()
        path = self.place.folder / COUNTS_FILE
        counts.save(path)
        record = {"counts": {"key": self.key, "sha256": sha256(path)}}
        write_json(record, self.place.folder / STAGES)


def study_key(
    counts: Path, settings: Mapping[str, Any], told: Mapping[str, Any], **other: Any
) -> str:
    """Digest what the study of counts rests on.

    Parameters
    ----------
    counts : Path
        Their file.
    settings : mapping
        Those of the command.
    told : mapping
        What the report says of the text: title, facts and notes.
    **other
        Settings in the place of those of the command.

    Returns
    -------
    str
    """
    chosen = {**{name: settings.get(name) for name in _OF_THE_STUDY}, **other}
    return _key("study", {**chosen, "told": told}, {"counts": sha256(counts)})


def standing_study(place: RunFolder, key: str, needed: Sequence[str]) -> dict[str, Any] | None:
    """Find the study that a run before has left, if it rests on the same and is whole.

    Parameters
    ----------
    place : RunFolder
        The folder.
    key : str
        From `study_key`.
    needed : sequence of str
        Files that must be among those of its record.

    Returns
    -------
    dict or None
        The record of that run.
    """
    record = place.record_before()
    if record is None or key not in record.get("keys", ()):
        return None
    if not set(needed) <= set(record["files"]) or faults(place.folder, record):
        return None
    return record


def _key(name: str, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    program = program_digest("repsearch", "probes")
    return key_of(name, settings, inputs, program, sorted(provenance.versions()))
