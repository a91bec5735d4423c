"""Make small inputs for every command, the same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

import repsearch as rs


def write_text(path: Path, seed: int = 0, *, documents: int = 400, length: int = 300) -> None:
    """Write a text of 400 words by Zipf's law, with runs of topics that make pairs co-occur.

    Parameters
    ----------
    path : Path
        File to write.
    seed : int
        Seed of the text.
    documents, length : int
        Its size, one document a line.
    """
    rng = np.random.default_rng(seed)
    words = np.array(words_of_text())
    likely = 1 / np.arange(1, 401)
    topics = rng.dirichlet(np.ones(8) * 0.3, 400).T * likely
    topics /= topics.sum(axis=1, keepdims=True)
    with path.open("w", encoding="utf-8") as stream:
        for _ in range(documents):
            weights = rng.dirichlet(np.ones(8) * 0.2) @ topics
            stream.write(" ".join(rng.choice(words, length, p=weights)) + "\n")


def words_of_text() -> list[str]:
    """Name the 400 words, by rank."""
    return [f"w{chr(97 + k // 26 % 26)}{chr(97 + k % 26)}" for k in range(400)]


def write_questions(pairs: Path, alike: Path, seed: int = 0) -> None:
    """Write families of word pairs, and rated pairs, of the first 200 words.

    Parameters
    ----------
    pairs, alike : Path
        Files to write.
    seed : int
        Seed of the choice.
    """
    rng = random.Random(seed)
    words = words_of_text()[:200]
    rng.shuffle(words)
    rows = [f"f{k // 12}\t{words[2 * k]}\t{words[2 * k + 1]}\n" for k in range(48)]
    pairs.write_text("".join(rows), "utf-8")
    rated = [f"{words[k]}\t{words[k + 100]}\t{rng.uniform(0, 10):.2f}\n" for k in range(60)]
    alike.write_text("".join(rated), "utf-8")


def counts_of_text(path: Path) -> rs.Counts:
    """Count the text with 200 words and a window of 4.

    Parameters
    ----------
    path : Path
        The text.

    Returns
    -------
    Counts
        Its counts.
    """
    return rs.count(rs.encode(path, vocabulary_size=200), rs.Window(4), threads=1)
