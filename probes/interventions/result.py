"""Hold what changes inside a model did to its next word, and what an erasure left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from probes.drawing.labels import label_and_name
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.storage.tables import Cell, write_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Edit = Literal["add", "project out", "erase"]


@dataclass(frozen=True)
class Dose:
    """What one change at one layer did, over held-out pairs and prompts.

    Parameters
    ----------
    layer : int
        Layer that was changed.
    edit : {"add", "project out", "erase"}
        What was done to the state of the last token.
    dose : float or None
        Length of what was added, in lengths of a state there; None of what is not added.
    effect : Interval
        Mean change of log p(second) − log p(first), in nats, over pairs whose direction was made
        from other pairs.
    random : Interval
        Mean and 95 % range of the same over random directions of the same length, or erasers of
        flipped labels.
    elsewhere : float
        Divergence KL(before || after) of the next token among all other tokens, in nats.
    random_elsewhere : float
        The same of the random ones.

    Examples
    --------
    >>> Dose(6, "add", 0.5, Interval(1.2, 1, 1.4), Interval(0, -0.3, 0.3), 0.1, 0.2).effect.value
    1.2
    """

    layer: int
    edit: Edit
    dose: float | None
    effect: Interval
    random: Interval
    elsewhere: float
    random_elsewhere: float


@dataclass(frozen=True)
class Response:
    """How log-odds go with the dose at a layer.

    Parameters
    ----------
    layer : int
        The layer.
    slope : Interval
        Change of log-odds for a dose of 1, by least squares through no change at none.
    random : Interval
        Mean and 95 % range of the slopes of random directions.
    p_value : float
        Share of random directions with a slope as large or larger, this one counted as one.
    """

    layer: int
    slope: Interval
    random: Interval
    p_value: float


@dataclass(frozen=True)
class ErasedStates:
    """How often a fresh classifier tells the words of held-out pairs apart; half by chance.

    Parameters
    ----------
    layer : int
        Layer at which the concept was taken away.
    read_at : int
        Layer whose states the classifier gets.
    before, projected, erased : Interval
        Share right: as it is, with the direction projected out, after least-squares erasure.

    Examples
    --------
    >>> half = Interval(0.5, 0.4, 0.6)
    >>> ErasedStates(6, 18, Interval(0.9, 0.8, 1.0), half, half).read_at
    18
    """

    layer: int
    read_at: int
    before: Interval
    projected: Interval
    erased: Interval


@dataclass(frozen=True)
class FamilySteering:
    """What was found of one relation.

    Parameters
    ----------
    family : str
        Its name.
    pairs, left_out : int
        Pairs measured, and those with a word that is cut into several tokens.
    doses : tuple of Dose
        By layer, in the order of the doses, then what is not added.
    responses : tuple of Response
        By layer.
    erased : tuple of ErasedStates
        By layer.

    Examples
    --------
    >>> slopes = [Response(at, Interval(at, 0, 9), Interval(0, -1, 1), 0.05) for at in (2, 4)]
    >>> FamilySteering("family", 12, 0, (), tuple(slopes), ()).best.layer
    4
    """

    family: str
    pairs: int
    left_out: int
    doses: tuple[Dose, ...]
    responses: tuple[Response, ...]
    erased: tuple[ErasedStates, ...]

    @property
    def best(self) -> Response:
        """The layer with the largest slope."""
        return max(self.responses, key=lambda one: one.slope.value)


@dataclass(frozen=True)
class Steering(Result):
    """Directions of relations added, projected out and erased inside a causal model.

    Parameters
    ----------
    families : tuple of FamilySteering
        By relation.
    refused : mapping of str to str
        Relations that could not be asked, with the reason.
    settings : dict
        Model, where directions are from, prompts, folds, random directions, level and seed.

    Examples
    --------
    >>> one, none = Interval(1.0, 0.8, 1.2), Interval(0.0, -0.1, 0.1)
    >>> dose = Dose(6, "add", 0.5, one, none, 0.2, 0.3)
    >>> family = FamilySteering("family", 12, 0, (dose,), (Response(6, one, none, 0.05),), ())
    >>> print(Steering((family,), {}, {"model": "made"}).families[0].best.p_value)
    0.05
    """

    name = "steering"
    columns: ClassVar[Mapping[str, str]] = {
        "add": "a vector along the direction, so many lengths of a state there",
        "project out": "what the state has along the direction is taken away",
        "log-odds": "mean change of log p(second) - log p(first) of the next word, in nats, over "
        "held-out pairs and all prompts; 95 % interval over groups of pairs",
        "random": "95 % of random directions of the same length (erase: of erasers of flipped "
        "labels)",
        "KL": "side effect: divergence of the next token among all tokens but the relation's, in "
        "nats, and that of random directions",
        "read at": "layer whose states a fresh classifier gets, on words of held-out pairs: 0.5 "
        "by chance",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps the table and the dose-response figure of each relation; --layers and "
        "--doses choose others; a direction that moves log-odds no more than random ones does not "
        "steer, however well a classifier reads it."
    )

    figure = "probes.figures.relations.dose_response:plot_dose_response"

    families: tuple[FamilySteering, ...]
    refused: Mapping[str, str]
    settings: dict[str, Cell] = field(repr=False)

    def summary(self) -> str:
        """Say of each relation whether adding its direction moves its words, and at which layer.

        Returns
        -------
        str
            One paragraph.
        """
        said = [
            f"Added inside {self.settings['model']}, directions of other pairs are held against "
            "random ones of the same length."
        ]
        for one in self.families:
            best = one.best
            steers = is_finding(best.p_value) and best.slope.low > 0
            many = f", the best of {len(one.responses)}" if len(one.responses) > 1 else ""
            said.append(
                f"{label_and_name(one.family)}: {'steers' if steers else 'not told from random'}; "
                f"at layer {best.layer}{many}, a dose of 1 moves the log-odds of "
                f"{counted(one.pairs, 'held-out pair')} by "
                f"{with_interval(best.slope, '.2f')} nats (random directions "
                f"{best.random.low:.2f} to {best.random.high:.2f}, p {best.p_value:.2g})."
            )
        looked = sum(len(one.responses) for one in self.families)
        if looked > 1:
            said.append(f"No p is adjusted for the {looked} layers and relations looked at.")
        said += [f"{label_and_name(name)}: not asked, {why}." for name, why in self.refused.items()]
        return " ".join(said)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each relation, layer and change.

        Returns
        -------
        list of dict
            Effect with its interval, that of random directions, and the side effects.
        """
        return [
            {
                "family": one.family,
                "pairs": one.pairs,
                "layer": dose.layer,
                "edit": dose.edit,
                "dose": dose.dose,
                **interval_cells("log_odds", dose.effect, missing=""),
                "random_mean": dose.random.value,
                "random_low": dose.random.low,
                "random_high": dose.random.high,
                "elsewhere": dose.elsewhere,
                "random_elsewhere": dose.random_elsewhere,
            }
            for one in self.families
            for dose in one.doses
        ]

    def response_rows(self) -> list[dict[str, Cell]]:
        """Give one row for each relation and layer: the slope of its dose-response.

        Returns
        -------
        list of dict
            Slope with its interval, that of random directions, p-value.
        """
        return [
            {
                "family": one.family,
                "layer": response.layer,
                **interval_cells("slope", response.slope, missing=""),
                "random_mean": response.random.value,
                "random_low": response.random.low,
                "random_high": response.random.high,
                "p": response.p_value,
            }
            for one in self.families
            for response in one.responses
        ]

    def erasure_rows(self) -> list[dict[str, Cell]]:
        """Give one row for each relation and layer: accuracy of a fresh classifier.

        Returns
        -------
        list of dict
            Each accuracy with its interval.
        """
        return [
            {
                "family": one.family,
                "layer": erased.layer,
                "read_at": erased.read_at,
                "state": state,
                **interval_cells("accuracy", accuracy, missing=""),
            }
            for one in self.families
            for erased in one.erased
            for state, accuracy in (
                ("as it is", erased.before),
                ("projected out", erased.projected),
                ("erased", erased.erased),
            )
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of relations and pairs, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.families),
            "pairs": sum(one.pairs for one in self.families),
            "pairs_left_out": sum(one.left_out for one in self.families),
            "refused": ", ".join(self.refused),
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out, for each relation, doses and what they did, then the erasure.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Two tables a relation.
        """
        return "\n\n".join(self._laid_out(one, width) for one in self.families)

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give what draws the dose-response of each relation.

        Returns
        -------
        dict of str to callable
            By ``steering-FAMILY``.
        """
        return {
            f"{self.name}-{one.family}": partial(self._draw, one.family) for one in self.families
        }

    def save_more(self, folder: Path) -> tuple[Path, ...]:
        """Write slopes, and the accuracies after erasure.

        Parameters
        ----------
        folder : Path
            Where the tables are.

        Returns
        -------
        tuple of Path
            ``steering-slopes`` and ``steering-erasure``, CSV and JSON.

        Raises
        ------
        InputError
            A file cannot be written.
        """
        written = []
        for stem, rows in (
            ("steering-slopes", self.response_rows()),
            ("steering-erasure", self.erasure_rows()),
        ):
            write_table(rows, folder, stem)
            written += [folder / f"{stem}.csv", folder / f"{stem}.json"]
        return tuple(written)

    def _draw(self, family: str, ax: Axes | None = None) -> Axes:
        return replace(
            self, families=tuple(one for one in self.families if one.family == family)
        ).plot(ax)

    @staticmethod
    def _laid_out(one: FamilySteering, width: int) -> str:
        out = f", {one.left_out} left out: words in several tokens" if one.left_out else ""
        rows = [
            (
                str(dose.layer),
                dose.edit if dose.dose is None else f"{dose.edit} {dose.dose:+g}",
                with_interval(dose.effect, ".2f"),
                f"{dose.random.low:.2f} to {dose.random.high:.2f}",
                f"{dose.elsewhere:.3f}",
                f"{dose.random_elsewhere:.3f}",
            )
            for dose in one.doses
        ]
        head = ("layer", "edit", "log-odds", "random", "KL", "random's")
        blocks = [
            f"{label_and_name(one.family)}, {counted(one.pairs, 'pair')}{out}",
            fixed_width(head, rows, left=(1,), width=width),
        ]
        if one.erased:
            left = [
                (
                    str(erased.layer),
                    str(erased.read_at),
                    *(
                        with_interval(each, ".2f")
                        for each in (erased.before, erased.projected, erased.erased)
                    ),
                )
                for erased in one.erased
            ]
            heads = ("layer", "read at", "as it is", "projected out", "erased")
            blocks.append(fixed_width(heads, left, left=(), width=width))
        return "\n".join(blocks)
