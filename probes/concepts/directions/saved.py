"""Keep the directions of relations, with what they were made of, in a file that others can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from probes.concepts.differences import difference_vectors
from probes.relations.relations import Pair, Relations
from repsearch.embeddings import Embeddings
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.storage.checksum import sha256_of_arrays

Real = NDArray[np.float64]

FORMAT = "repsearch-directions"
VERSION = "1"
ESTIMATOR = "mean difference"
FREQUENT = 4000
"""Words along a direction are looked for among so many of the most frequent, as topics are."""
_REMEDY = "make it again with 'repsearch probe concepts EMBEDDINGS --out FOLDER'"


@dataclass(frozen=True, eq=False, repr=False)
class RelationDirections:
    """Directions of relations in one embedding, each of unit length.

    They point from the first words of the pairs to the second, in the columns of the embedding
    that they were made from.

    Parameters
    ----------
    pairs : mapping of str to tuple of (str, str)
        The pairs that each relation's direction is the mean difference of, spelt as in the
        vocabulary.
    vectors : (F, d) float64
        A row of unit length for each relation.
    source : str
        Name of the embedding.
    digest : str
        SHA-256 of its words and vectors, in hexadecimal.
    estimator : str, default "mean difference"
        What made the directions.

    Raises
    ------
    InputError
        Not one finite vector of unit length for each relation.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(4)
    >>> found = relation_directions(emb, Relations(world.relations))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found.save(f"{folder}/directions.safetensors")
    ...     again = RelationDirections.open(f"{folder}/directions.safetensors")
    >>> again["attribute 2"].round(6).tolist(), again.made_from(emb)
    ([0.0, 1.0, 0.0, 0.0], True)
    """

    pairs: Mapping[str, tuple[Pair, ...]]
    vectors: Real
    source: str
    digest: str
    estimator: str = ESTIMATOR

    def __post_init__(self) -> None:
        shape = self.vectors.shape
        if len(shape) != 2 or shape[0] != len(self.pairs):
            raise InputError(
                f"{len(self.pairs)} relations and directions of shape {shape} do not fit; pass a "
                "row for each relation"
            )
        lengths = np.linalg.norm(self.vectors, axis=1)
        if not np.allclose(lengths, 1.0, rtol=0.0, atol=1e-6):
            raise InputError("a direction is not finite or not of unit length; make them again")

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the relations, in the order of the rows."""
        return tuple(self.pairs)

    def __getitem__(self, family: str) -> Real:
        if family not in self.pairs:
            raise InputError(
                f"there is no direction of {family!r}; there are those of "
                f"{', '.join(self.families) or 'none'}"
            )
        row: Real = self.vectors[self.families.index(family)]
        return row

    def words_along(
        self, embeddings: Embeddings, family: str, *, n: int = 5, frequent: int = FREQUENT
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the words whose vectors have the largest and the smallest cosine with a direction.

        The relation's own words are left out, for it was made of them.

        Parameters
        ----------
        embeddings : Embeddings
            With as many columns as the directions.
        family : str
            One of `families`.
        n : int, default 5
            Words at each end at most.
        frequent : int, default 4000
            Look only at so many of the most frequent words.

        Returns
        -------
        towards_second, towards_first : tuple of str
            The most positive cosines first, and the most negative ones first. A word is at the
            end on whose side it lies.

        Raises
        ------
        InputError
            No such relation, or other columns.

        Examples
        --------
        >>> vectors = np.array([[0.0, 1], [1, 1], [0.1, 2], [3, 0.1], [-1, 0]])
        >>> emb = Embeddings(("walk", "walked", "go", "went", "no"), vectors)
        >>> found = relation_directions(emb, Relations({"past": [("walk", "walked")]}))
        >>> found.words_along(emb, "past", n=1)
        (('went',), ('no',))
        """
        direction = self[family]
        if embeddings.dimension != len(direction):
            raise InputError(
                f"the directions have {len(direction)} columns and the embeddings "
                f"{embeddings.dimension}; pass those they were made from"
            )
        own = {word for pair in self.pairs[family] for word in pair}
        vectors = np.asarray(embeddings.vectors[:frequent], np.float64)
        cosines = unit_rows(vectors) @ direction
        order = [k for k in np.argsort(-cosines, kind="stable") if embeddings.words[k] not in own]
        second = tuple(embeddings.words[k] for k in order[:n] if cosines[k] > 0)
        first = tuple(embeddings.words[k] for k in order[::-1][:n] if cosines[k] < 0)
        return second, first

    def made_from(self, embeddings: Embeddings) -> bool:
        """Tell whether the directions were made from these very embeddings.

        Parameters
        ----------
        embeddings : Embeddings
            Words and vectors.

        Returns
        -------
        bool
            Whether words and vectors are the same to the bit.
        """
        return digest_of(embeddings) == self.digest

    def save(self, path: Path | str) -> None:
        """Write a safetensors file; what they were made of is in its metadata (docs/formats.md).

        Parameters
        ----------
        path : path
            Final name; it appears when the file is whole.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        tensors = {"directions": np.ascontiguousarray(self.vectors)}
        about = json.dumps(
            {
                "version": VERSION,
                "families": list(self.families),
                "pairs": {family: [list(pair) for pair in held] for family, held in self._held()},
                "estimator": self.estimator,
                "embeddings": self.source,
                "embeddings_sha256": self.digest,
            },
            ensure_ascii=False,
        )
        # One key, for the library writes several in random order and bytes would differ.
        content = to_safetensors(tensors, {FORMAT: _sealed(about, tensors)})
        with replacing(path) as stream:
            stream.write(content)

    @classmethod
    def open(cls, path: Path | str) -> RelationDirections:
        """Open a file that `save` or ``repsearch probe concepts --out`` wrote.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        RelationDirections
            As they were saved.

        Raises
        ------
        InputError
            No such file, a damaged one, or one of something else or of a newer version.
        """
        path = Path(path)
        if not path.is_file():
            raise InputError(f"{path} is no file; {_REMEDY}")
        try:
            with safe_open(path, "numpy") as file:
                sealed = json.loads((file.metadata() or {})[FORMAT])
                tensors = {"directions": file.get_tensor("directions")}
            about = json.loads(sealed["about"])
            if sealed["sha256"] != sha256_of_arrays(sealed["about"], tensors):
                raise InputError(f"{path} is damaged: its checksum is wrong; {_REMEDY}")
            if about["version"] != VERSION:
                raise InputError(
                    f"{path} holds directions of version {about['version']!s:.20}, this program "
                    f"reads version {VERSION}; {_REMEDY}"
                )
            pairs = {
                str(family): tuple((str(a), str(b)) for a, b in about["pairs"][family])
                for family in about["families"]
            }
            vectors = np.asarray(tensors["directions"], np.float64)
            made = str(about["embeddings"]), str(about["embeddings_sha256"])
            return cls(pairs, vectors, *made, str(about["estimator"]))
        except InputError:
            raise
        except PermissionError:
            raise InputError(f"cannot read {path}: no permission") from None
        except _UNREADABLE as error:
            raise InputError(f"{path} is damaged or holds no directions; {_REMEDY}") from error

    def _held(self) -> list[tuple[str, tuple[Pair, ...]]]:
        return list(self.pairs.items())

    def __repr__(self) -> str:
        return (
            f"<RelationDirections of {len(self.families)} relations in {self.source!r}, "
            f"d = {self.vectors.shape[1]}>"
        )


def relation_directions(
    embeddings: Embeddings, relations: Relations | Mapping[str, tuple[Pair, ...]]
) -> RelationDirections:
    """Take the mean difference of each relation as its direction.

    Parameters
    ----------
    embeddings : Embeddings
        V words and their vectors (V, d).
    relations : Relations, or mapping of str to pairs
        The families; those none of whose pairs can be used, or whose mean difference is zero,
        are left out.

    Returns
    -------
    RelationDirections
        In the columns of `embeddings`.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0], [1, 2], [0, 0], [0, 1]])
    >>> emb = Embeddings(("king", "queen", "he", "she"), vectors)
    >>> found = relation_directions(emb, Relations({"gender": [("king", "queen"), ("he", "she")]}))
    >>> found["gender"].tolist()  # 'he' has no direction of its own, and its pair is left out
    [0.0, 1.0]
    """
    families = relations.families if isinstance(relations, Relations) else relations
    pairs: dict[str, tuple[Pair, ...]] = {}
    rows: list[Real] = []
    for family, given in families.items():
        try:
            differences = difference_vectors(embeddings, given, name=family)
        except InputError:
            continue
        length = float(np.linalg.norm(differences.mean))
        if length > 0:
            pairs[family] = differences.pairs
            rows.append(differences.mean / length)
    vectors = np.array(rows, np.float64).reshape(len(rows), embeddings.dimension)
    return RelationDirections(pairs, vectors, embeddings.name, digest_of(embeddings))


def digest_of(embeddings: Embeddings) -> str:
    """Work out the SHA-256 of words and vectors.

    Parameters
    ----------
    embeddings : Embeddings
        Any.

    Returns
    -------
    str
        In hexadecimal.
    """
    words = np.frombuffer("\n".join(embeddings.words).encode("utf-8"), np.uint8)
    return sha256_of_arrays("embeddings", {"vectors": embeddings.vectors, "words": words})


def _sealed(about: str, tensors: Mapping[str, Real]) -> str:
    return json.dumps({"about": about, "sha256": sha256_of_arrays(about, tensors)})


_UNREADABLE = (SafetensorError, OSError, KeyError, TypeError, ValueError, RecursionError)
