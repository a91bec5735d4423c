"""The code of the documents: its blocks, the lines of the shell in them, and small inputs."""

from __future__ import annotations

import importlib.util
import json
import lzma
import re
import shutil
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from places import DOCS, ROOT

import repsearch as rs
from probes.relations import google_relations
from repsearch.data import carried_counts
from repsearch.testing.counts_from import counts_from

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
PROGRAMS = ("repsearch", "make", "pip", "python", "git", "pytest", "sha256sum", "cd", "tmux")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str
    line: int
    """Of its first line of text, from 1."""


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)
        for found in re.finditer(r"^```([\w{}-]*)[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]


def shell_lines(page: Path) -> list[str]:
    """Commands of a page, without the environment's folder and comments."""
    found = []
    for block in blocks(page):
        if block.language not in ("", "sh"):  # of a console, what is printed counts as well
            continue
        for line in re.sub(r"\\\n\s*", "", block.text).splitlines():
            bare = re.sub(r"\s+#.*", "", line.strip()).removeprefix(".venv/bin/")
            if bare.split(" ")[0] in PROGRAMS:
                found.append(bare.split(" | ")[0])  # what it is piped into may not be there
    return found


@cache
def small_counts() -> rs.Counts:
    """Carried counts of the 400 most frequent words and of all that the carried relations ask."""
    whole = carried_counts()
    asked = {
        word.lower()
        for pairs in google_relations().families.values()
        for pair in pairs
        for word in pair
    }
    chosen = [k for k, word in enumerate(whole.words) if k < 400 or word in asked]
    matrix = whole.matrix()[chosen][:, chosen].toarray()
    return counts_from(
        matrix, words=[whole.words[k] for k in chosen], word_counts=whole.word_counts[chosen]
    )


def write_inputs(folder: Path) -> None:
    """All files that commands of the pages name, small."""
    counts = small_counts()
    counts.save(folder / "counts.npz")
    spectrum = rs.eigenpairs(rs.mstar(counts), 30)
    spectrum.save(folder / "spectrum.safetensors")
    for name in ("emb.vec", "emb.safetensors", "glove.safetensors"):
        spectrum.embeddings(20).save(folder / name)
    spectrum.embeddings(20).save(folder / "glove.6B.50d.txt", format="glove")
    _write_texts(folder, counts)
    if importlib.util.find_spec("torch"):
        _write_runs(folder, counts)
    grids = [one.text for one in blocks(DOCS / "sweeps.md") if one.language == "toml"]
    (folder / "grid.toml").write_text(grids[0], "utf-8")
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    states = rng.normal(size=(80, 8)) + 2 * labels[:, None] * np.eye(8)[0]
    np.savez(folder / "states.npz", states=states, labels=labels, groups=np.arange(80) // 4)
    kinds = np.array(["noun", "verb", "adverb", "other"])[np.arange(80) % 4]
    np.savez(folder / "kinds.npz", states=states, labels=kinds)
    np.savez(folder / "numbers.npz", states=states, targets=states[:, 1] + rng.normal(size=80))
    np.savez(
        folder / "layers.npz", states=np.stack([rng.normal(size=(80, 8)), states]), labels=kinds
    )


def _write_runs(folder: Path, counts: rs.Counts) -> None:
    from repsearch import training

    record = training.Record(when=training.evenly(0.01, 4), snapshots=training.evenly(0.01, 3))
    training.train(
        counts, folder / "runs" / "quartic", d=5, until=0.01, start=rs.Gaussian(1e-2), record=record
    )
    for copy in ("run", "runs/sgns"):
        shutil.copytree(folder / "runs" / "quartic", folder / copy)


def _write_texts(folder: Path, counts: rs.Counts) -> None:
    """A text in which words are independent, which is enough to read and to count."""
    rng = np.random.default_rng(0)
    shares = counts.word_counts / counts.word_counts.sum()
    drawn = rng.choice(len(counts.words), size=(200, 200), p=shares)
    text = "\n".join(" ".join(counts.words[k] for k in row) for row in drawn)
    for name in ("text.txt", "articles.txt", "part1.txt"):
        (folder / name).write_text(text, "utf-8")
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as stream:
        for number, line in enumerate(text.split("\n")):
            stream.write(f"{json.dumps({'text': line, 'year': 1990 + number % 3})}\n")
    (folder / "part2.txt").write_text(text[len(text) // 2 :], "utf-8")
    (folder / "artikel.txt").write_text(
        text.replace("and", "größer").replace("the", "straße"), "utf-8"
    )
    (folder / "relationen.tsv").write_text(
        "Steigerung\tgroß\tgrößer\n"
        + "".join(
            f"Zahl\t{first}\t{second}\n"
            for first, second in google_relations().families["gram8-plural"]
        ),
        "utf-8",
    )
    (folder / "articles.txt.xz").write_bytes(lzma.compress(text.encode("utf-8"), preset=0))
