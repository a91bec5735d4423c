"""Read the concepts of word states, or of prompt states, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from probes.concepts.differences import Differences, difference_vectors
from probes.hidden_states import LabelledStates
from probes.layers.contrasts import ContrastDesign, contrast_design
from probes.relations.relations import Relations
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.language_models import Checkpoints, Layers, PromptLayers


@dataclass(frozen=True, eq=False)
class OneLayer:
    """What is asked of one layer.

    Parameters
    ----------
    differences : mapping of str to Differences
        Of relations between words, or of contrast pairs, by the concept's name; the same pairs
        at every layer.
    labelled : mapping of str to LabelledStates
        Of concepts whose prompts have labels and no pairs.
    embeddings : Embeddings, optional
        All words, the most frequent first, of which random pairs are drawn.

    Examples
    --------
    >>> pairs = (("a", "b"), ("c", "d"), ("e", "f"))
    >>> list(OneLayer({"planted": Differences(np.eye(3), pairs)}).differences)
    ['planted']
    """

    differences: Mapping[str, Differences] = field(default_factory=dict)
    labelled: Mapping[str, LabelledStates] = field(default_factory=dict)
    embeddings: Embeddings | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Layered:
    """Concepts at the layers of a language model.

    Parameters
    ----------
    name : str
        The model, and what its states are of.
    numbers : tuple of int
        The layers that are looked at, 0 for the input embeddings.
    at : callable
        Gives what is asked of a layer.
    asked : mapping of str to int
        Number of pairs, or of prompts, of each concept that was asked for.
    left_out : tuple of (str, str), optional
        Concepts that cannot be asked for, each with the reason.

    Examples
    --------
    >>> rows = Differences(np.eye(3), (("a", "b"), ("c", "d"), ("e", "f")), "planted")
    >>> Layered("toy", (0,), lambda layer: OneLayer({"planted": rows}), {"planted": 3})
    <Layered 'toy', 1 concept, 1 layer>
    """

    name: str
    numbers: tuple[int, ...]
    at: Callable[[int], OneLayer]
    asked: Mapping[str, int]
    left_out: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        concepts, layers = len(self.asked), len(self.numbers)
        return (
            f"<Layered {self.name!r}, {concepts} concept{'s' * (concepts != 1)}, "
            f"{layers} layer{'s' * (layers != 1)}>"
        )


def word_concepts(
    layers: Layers | Checkpoints, relations: Relations, numbers: Sequence[int] | None = None
) -> Layered:
    """Ask for relations between words.

    Parameters
    ----------
    layers : Layers or Checkpoints
        States of words; or checkpoints of a model, whose steps stand in the place of layers.
    relations : Relations
        The families.
    numbers : sequence of int, optional
        The layers, or steps; all by default.

    Returns
    -------
    Layered

    Raises
    ------
    InputError
        No pair has both words among the states, or there is no such layer.

    Examples
    --------
    Two layers as `repsearch.language_models.word_states` writes them:

    >>> import json
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> about = {"format": "repsearch.word-states", "model": "toy", "layers": 1}
    >>> with TemporaryDirectory() as name:
    ...     _ = (Path(name) / "states.json").write_text(json.dumps(about))
    ...     for layer in (0, 1):
    ...         words = Embeddings(("cat", "cats", "dog", "dogs"), np.eye(4))
    ...         words.save(Path(name) / f"layer-00{layer}.safetensors")
    ...     plural = Relations({"plural": [("cat", "cats"), ("dog", "dogs"), ("owl", "owls")]})
    ...     found = word_concepts(Layers.open(name), plural)
    >>> found, found.asked
    (<Layered 'toy, 4 words', 1 concept, 2 layers>, {'plural': 3})
    """
    if isinstance(layers, Checkpoints):
        chosen = layers.among(numbers)
    else:
        chosen = _chosen(layers.numbers, numbers, str(layers.folder))
    first = layers.embeddings(chosen[0])
    relations.within(first)  # refuses states without a single pair
    left_out = []
    for family, pairs in relations.families.items():
        try:
            difference_vectors(first, pairs, name=family, zero=True)
        except InputError:
            left_out.append((family, "no pair has both words among the states"))
    absent = {family for family, _ in left_out}
    families = {name: pairs for name, pairs in relations.families.items() if name not in absent}

    def at(layer: int) -> OneLayer:
        embeddings = layers.embeddings(layer)
        # A word whose state is zero counts, so that all layers have the same pairs.
        return OneLayer(
            {
                family: difference_vectors(embeddings, pairs, name=family, zero=True)
                for family, pairs in families.items()
            },
            embeddings=embeddings,
        )

    return Layered(
        f"{layers.name}, {len(first):,} words",
        chosen,
        at,
        {family: len(dict.fromkeys(pairs)) for family, pairs in families.items()},
        tuple(left_out),
    )


def prompt_concepts(
    layers: PromptLayers,
    numbers: Sequence[int] | None = None,
    concepts: Sequence[str] | None = None,
) -> Layered:
    """Ask for the concepts of labelled prompts.

    Parameters
    ----------
    layers : PromptLayers
        States of prompts.
    numbers : sequence of int, optional
        The layers; all by default.
    concepts : sequence of str, optional
        The concepts; all by default.

    Returns
    -------
    Layered
        Concepts with other than two labels are left out.

    Raises
    ------
    InputError
        No such layer or concept, or not one concept has two labels.

    Examples
    --------
    A layer as `repsearch.language_models.prompt_states` writes it:

    >>> import json
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from safetensors.numpy import save_file
    >>> about = {"format": "repsearch.prompt-states", "model": "toy", "layers": 0, "width": 3}
    >>> rows = [{"text": text, "label": text, "concept": "age"} for text in ("old", "new")]
    >>> with TemporaryDirectory() as name:
    ...     _ = (Path(name) / "states.json").write_text(json.dumps(about))
    ...     with (Path(name) / "prompts.jsonl").open("w") as stream:
    ...         print(*map(json.dumps, rows), sep=chr(10), file=stream)
    ...     states = {"states": np.eye(2, 3, dtype=np.float32)}
    ...     save_file(states, Path(name) / "layer-000.safetensors")
    ...     found = prompt_concepts(PromptLayers.open(name))
    ...     list(found.at(0).labelled)
    ['age']
    """
    chosen = _chosen(layers.numbers, numbers, str(layers.folder))
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(layers.prompts):
        rows.setdefault(one.concept, []).append(row)
    for name in concepts or ():
        if name not in rows:
            raise InputError(f"there is no concept {name!r}; choose among {', '.join(rows)}")
    designs: dict[str, ContrastDesign | list[int]] = {}
    left_out = []
    for concept in rows if concepts is None else concepts:
        mine = [layers.prompts[row] for row in rows[concept]]
        labels = {one.label for one in mine}
        if len(labels) != 2:
            left_out.append((concept, f"it has {len(labels)} labels, and a direction has two ends"))
        elif mine[0].pair is not None:
            designs[concept] = contrast_design(concept, mine, rows[concept])
        else:
            designs[concept] = rows[concept]
    if not designs:
        raise InputError(f"no concept of {layers.folder} has two labels; label prompts with two")

    def labelled(states: np.ndarray, some: list[int]) -> LabelledStates:
        mine = [layers.prompts[row] for row in some]
        groups = [
            " ".join(one.prompt.text.split()).casefold()
            if one.template is None
            else f"TEMPLATE {one.template}"
            for one in mine
        ]
        return LabelledStates(states[some], np.array([one.label for one in mine]), np.array(groups))

    def at(layer: int) -> OneLayer:
        states = layers.states(layer)
        return OneLayer(
            {
                name: design.differences(states)
                for name, design in designs.items()
                if isinstance(design, ContrastDesign)
            },
            {
                name: labelled(states, design)
                for name, design in designs.items()
                if not isinstance(design, ContrastDesign)
            },
        )

    return Layered(
        f"{layers.manifest['model']}, {len(layers.prompts):,} prompts",
        chosen,
        at,
        {
            name: len(design.pairs) if isinstance(design, ContrastDesign) else len(design)
            for name, design in designs.items()
        },
        tuple(left_out),
    )


def _chosen(there: tuple[int, ...], numbers: Sequence[int] | None, folder: str) -> tuple[int, ...]:
    if numbers is None:
        return there
    for number in numbers:
        if number not in there:
            raise InputError(
                f"there is no layer {number!r} in {folder}; pass whole numbers from 0 to "
                f"{there[-1]}"
            )
    return tuple(dict.fromkeys(numbers))
