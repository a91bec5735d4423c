"""Go through the steps of counting in shards, each a round of tasks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import Any

import numpy as np

from repsearch.cluster import Workers
from repsearch.corpus.corpus import CorpusSettings
from repsearch.corpus.renumbering import digest_of
from repsearch.corpus.shards import ShardReading
from repsearch.counts.counting import check_memory, check_overflow
from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.progress import Progress
from repsearch.shards.inputs import ShardFile
from repsearch.shards.rows import (
    CountedShard,
    bounds_of,
    kept_tokens,
    sum_of_rows,
    sum_of_words,
)
from repsearch.shards.store import ShardFolder
from repsearch.shards.tasks import (
    ReadShard,
    Words,
    add_counts,
    add_words,
    count_shard,
    read_shard,
    write_words,
)
from repsearch.storage.leftovers import scratch_folder

_FAN_IN = 8
"""Sums that are added up at once."""


class Steps:
    """The steps of one command, each a round of tasks.

    Parameters
    ----------
    store : ShardFolder
        Folder of the shards.
    crew : Workers
        Who does the tasks.
    reading : ShardReading
        How the text is read.
    settings : CorpusSettings
        Words to keep.
    progress : Progress
        Told of every shard that is finished.
    """

    def __init__(
        self,
        store: ShardFolder,
        crew: Workers,
        reading: ShardReading,
        settings: CorpusSettings,
        progress: Progress,
    ) -> None:
        self.store = store
        self.crew = crew
        self.reading = reading
        self.settings = settings
        self.progress = progress
        self.most_workers = crew.number

    def read(self, groups: Sequence[Sequence[ShardFile]]) -> list[ReadShard]:
        """Encode all shards, each with all of its words."""
        tasks = []
        self.names = [_named(files) for files in groups]
        for name, files in zip(self.names, groups, strict=True):
            target = self.store.text(
                self.reading.settings(),
                {
                    f"{k}": f"{file.name} {file.size} {file.version or uuid.uuid4().hex}"
                    for k, file in enumerate(files)
                },
            )
            tasks.append(
                self.crew.submit(
                    read_shard, self.store, str(target), files, self.reading, name=f"read-{name}"
                )
            )
        sizes = [sum(file.size or 0 for file in files) for files in groups]
        known = all(file.size is not None for files in groups for file in files)
        shards: dict[int, ReadShard] = {}
        words, began = 0, monotonic()
        shown = _Shown(self.progress, "reading text", sum(sizes) if known else None, "bytes")
        for k, shard in self.crew.results(tasks):
            shards[k] = shard
            words += 0 if shard.stood else shard.n_words
            pace = words / max(monotonic() - began, 1e-3) / 1e6
            shown.add(sizes[k], stood=shard.stood, said=f" | {pace:.1f} M tokens/s")
            self.most_workers = max(self.most_workers, self.crew.number)
        shown.end()
        return [shards[k] for k in range(len(groups))]

    def merged_words(self, shards: Sequence[ReadShard]) -> Words:
        """Add up the words of all shards, in a tree."""
        level: list[object] = list(shards)
        first = True
        self.progress("adding up words", 0, 1, "vocabularies")
        while first or len(level) > 1:
            level = [
                self.crew.submit(add_words, level[k : k + _FAN_IN], name="add words")
                for k in range(0, len(level), _FAN_IN)
            ]
            first = False
        merged: Words
        ((_, merged),) = self.crew.results(level)
        self.progress("adding up words", 1, 1, "vocabularies")
        return merged

    def count(
        self, shards: Sequence[ReadShard], words: tuple[str, ...], window: Window, memory: int
    ) -> list[CountedShard]:
        """Count all shards over the words of the whole."""
        digest = write_words(self.store, words)
        # One that is of the whole text, and not only of each shard.
        check_overflow(sum(shard.n_words for shard in shards), window)
        check_memory(memory, len(words), window, 1)
        settings = {
            "window": window.record(),
            "out_of_vocabulary": self.settings.out_of_vocabulary,
        }
        tasks = [
            self.crew.submit(
                count_shard,
                self.store,
                str(self.store.counts(settings, shard.digest, digest)),
                shard,
                digest,
                self.settings,
                window,
                memory,
                name=f"count-{name}",
            )
            for shard, name in zip(shards, self.names, strict=True)
        ]
        total = sum(shard.n_words for shard in shards)
        counted: dict[int, CountedShard] = {}
        shown = _Shown(self.progress, "counting", total, "tokens")
        for k, one in self.crew.results(tasks):
            counted[k] = one
            shown.add(shards[k].n_words, stood=one.stood)
        shown.end()
        return [counted[k] for k in range(len(shards))]

    def added(
        self,
        shards: Sequence[ReadShard],
        counted: Sequence[CountedShard],
        chosen: tuple[str, tuple[str, ...]],
        window: Window,
        memory: int,
    ) -> Counts:
        """Add up all counts in a tree; meanwhile digest the whole corpus."""
        name, words = chosen
        both = not window.symmetric
        level: list[Any] = list(counted)
        names = [one.folder for one in counted]
        tasks = []
        while len(level) > _FAN_IN:
            above: list[Any] = []
            above_names: list[str] = []
            for k in range(0, len(level), _FAN_IN):
                of = {str(j): name for j, name in enumerate(names[k : k + _FAN_IN])}
                target = str(self.store.sum(of))
                task = partial(add_counts, both=both)
                above.append(
                    self.crew.submit(
                        task,
                        self.store,
                        target,
                        level[k : k + _FAN_IN],
                        len(words),
                        memory,
                        name=f"add {len(above)}",
                    )
                )
                above_names.append(target)
            level, names = above, above_names
            tasks += above
        total = len(tasks) + 1
        self.progress("adding up counts", 0, total, "sums")
        digest = self._digest(shards, counted, words)
        for done, _ in enumerate(self.crew.results(tasks), start=1):
            self.progress("adding up counts", done, total, "sums")
        last = [CountedShard(folder, stood=True) for folder in names]
        with scratch_folder() as scratch:
            indptr, columns, values = sum_of_rows(last, len(words), memory, scratch, both=both)
        self.progress("adding up counts", total, total, "sums")
        return Counts(
            words=words,
            word_counts=sum_of_words(last),
            indptr=indptr,
            columns=columns,
            values=values[:, 0] if both else values,
            window=window,
            tokenizer=name,
            out_of_vocabulary=self.settings.out_of_vocabulary,
            n_words_read=sum(shard.n_words for shard in shards),
            n_documents=sum(shard.n_documents for shard in shards),
            corpora=(digest,),
            above=values[:, 1] if both else None,
        )

    def _digest(
        self, shards: Sequence[ReadShard], counted: Sequence[CountedShard], words: tuple[str, ...]
    ) -> str:
        """The digest that one process gives the corpus of the whole text."""
        bounds = [np.zeros(1, np.int64)]
        end = 0
        for one in counted:
            offsets = bounds_of(one)
            bounds.append(offsets[1:] + end)
            end += int(offsets[-1])
        keep_place = self.settings.out_of_vocabulary == "keep-place"
        tokens = (
            kept_tokens(one, shard.folder, keep_place=keep_place)
            for one, shard in zip(counted, shards, strict=True)
        )
        return digest_of(words, bounds, tokens)


class _Shown:
    """Tell how far a stage is: of what had to be done, so that rate and time left are of that."""

    def __init__(self, progress: Progress, stage: str, total: int | None, unit: str) -> None:
        self.progress, self.stage, self.total, self.unit = progress, stage, total, unit
        self.done = 0
        progress(stage, 0, total, unit)

    def add(self, amount: int, *, stood: bool, said: str = "") -> None:
        """Take in a shard; of one that stood, there is only less to do."""
        if not stood:
            self.done += amount
        elif self.total is not None:
            self.total -= amount
        self.progress(f"{self.stage}{said}", self.done, self.total, self.unit)

    def end(self) -> None:
        """Show the end, where all stood and where sizes were unknown as well."""
        amount = max(self.done, 1)
        self.progress(self.stage, amount, amount, self.unit)


def _named(files: Sequence[ShardFile]) -> str:
    """What a shard is called in messages: its first file, and how many more."""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0].name}{more}"
