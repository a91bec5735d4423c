"""Open what figures are made of, each when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.concepts import on_principal_axes
from probes.relations import Relations, google_relations
from probes.reproduce.settings import Settings
from probes.reproduce.sources import minimum_in, spectrum_in
from probes.reproduce.trained import CURVES, MOMENTS
from repsearch.counts.counts import Counts
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent

if TYPE_CHECKING:
    from repsearch import Spectrum

IN_FIGURE_4 = {
    "gram6-nationality-adjective": "country-nationality",
    "family": "male-female",
    "gram7-past-tense": "verb-pasttense",
    "gram1-adjective-to-adverb": "adj-adverb",
    "gram2-opposite": "adj-antonym",
}
"""Families of the paper's figure 4, with its names."""


def place_in_figure_4(family: str) -> int:
    """Give the place of a family, which has the same colour wherever it is drawn.

    Parameters
    ----------
    family : str
        One of `IN_FIGURE_4`.

    Returns
    -------
    int
        From 0.
    """
    return list(IN_FIGURE_4).index(family)


@dataclass
class Have:
    """Counts, settings, and the folders of the stages that were worked out.

    Parameters
    ----------
    counts : Counts
        The counts.
    settings : Settings
        Settled.
    places : mapping of str to Path
        Folders of stages; a trained one is missing where there is no torch.
    progress : Progress
        Told how far a figure is.
    """

    counts: Counts
    settings: Settings
    places: Mapping[str, Path]
    progress: Progress = field(default=silent)

    @cached_property
    def columns(self) -> Spectrum:
        """The positive eigenpairs of M*."""
        return spectrum_in(self.places["modes"])

    @property
    def d(self) -> int:
        """Dimension of the embeddings of figures 3 and 5."""
        return min(self.settings.d or 1, self.columns.dimension)

    @cached_property
    def modes(self) -> Spectrum:
        """The leading d eigenpairs of M*: QWEM at its end, by Theorem 1."""
        return self.columns.leading(self.d)

    @cached_property
    def turned(self) -> Embeddings:
        """The closed form in all columns, on principal axes."""
        return on_principal_axes(self.columns.embeddings(self.width))

    @property
    def width(self) -> int:
        """Columns of figures 4, 6 and 8."""
        return min(self.settings.columns or 1, self.columns.dimension)

    def spectrum(self, name: str) -> Spectrum:
        """Open the leading eigenpairs of PPMI or PMI.

        Parameters
        ----------
        name : {"ppmi", "pmi"}
            The stage.

        Returns
        -------
        Spectrum
        """
        found = spectrum_in(self.places[name])
        return found.leading(min(self.d, found.dimension))

    @cached_property
    def minimum(self) -> Embeddings | None:
        """The minimum of word2vec's loss; None where there is no torch."""
        place = self.places.get("minimum")
        return None if place is None else minimum_in(place)

    def curves(self, run: str) -> dict[str, Any] | None:
        """Open the curves of a trained run.

        Parameters
        ----------
        run : str
            Its name in `probes.reproduce.trained.RUNS`.

        Returns
        -------
        dict or None
            None where there is no torch.
        """
        place = self.places.get(f"run-{run}")
        if place is None:
            return None
        found: dict[str, Any] = json.loads((place / CURVES).read_text("utf-8"))
        return found

    def moments(self, run: str) -> list[Embeddings] | None:
        """Open W of a trained run at three moments, on the principal axes of the last.

        Parameters
        ----------
        run : str
            Its name.

        Returns
        -------
        list of Embeddings or None
            None where there is no torch.
        """
        place = self.places.get(f"run-{run}")
        return None if place is None else [Embeddings.open(place / name) for name in MOMENTS]

    def pairs_of(self, family: str) -> int:
        """Count the pairs of one of Google's relations that have both words in the vocabulary.

        Parameters
        ----------
        family : str
            Name of the relation.

        Returns
        -------
        int
        """
        return len(self.relations.families.get(family, ()))

    @cached_property
    def relations(self) -> Relations:
        """Google's relations as far as the vocabulary has them."""
        return google_relations().within(self.turned)
