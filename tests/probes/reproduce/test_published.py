"""The paper's numbers: stored unrounded, and with reasons only where these hold."""

from __future__ import annotations

from typing import Any

import pytest

from probes.reproduce.published import (
    figure_4_curves,
    published,
    published_pairs,
    published_topics,
)
from probes.reproduce.reasons import reasons_for
from probes.reproduce.summary import compared, comparison_table, published_cell, told_of

# What the paper had: nothing but ways of working may differ.
PAPER: dict[str, Any] = {
    "words": 10_000, "tokens": 1_740_000_000, "documents": 1_586_650, "density": 1.0,
    "d": 200, "columns": 4096, "width": 4096, "train_words": 10_000, "train_d": 200,
    "small": 1e-12, "large": 0.1, "families": 5,
    **{f"pairs.{name}": number for name, number in published_pairs().items()},
}  # fmt: skip
HERE = PAPER | {
    "words": 4500, "tokens": 52_997_092, "documents": 26_283, "density": 0.88, "d": 100,
    "width": 1024, "train_words": 1500, "train_d": 30, "small": 1e-3, "families": 13,
    "unanswerable": 4, "weights_share": 0.661, **{f"pairs.{name}": 5 for name in published_pairs()},
}  # fmt: skip
# Ways of working, which the paper's own text would not change.
ALWAYS = {
    "ablation", "estimator", "hand", "law", "minimum", "plateau", "qwem", "repaired", "rows",
    "theorem", "typo",
}  # fmt: skip


def test_published_numbers_are_those_of_the_figure_4_curves():
    curves = figure_4_curves()
    for name in ("country-nationality", "male-female", "verb-pasttense", "adj-adverb"):
        assert len(curves[name]["snr"]) == len(curves[name]["acc"]) == len(curves["d"]) == 21
        for key, part in (("snr", "snr"), ("accuracy", "acc")):
            highest = max(value for value in curves[name][part] if value is not None)
            assert published()[f"4.{key}.{name}"].value == highest


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("7.ratio.5", "0.65 †"),  # 27.5 / 42 = .65476, which is no .655 to be rounded to .66
        ("7.ratio.2", "0.83 †"),
        ("4.snr.male-female", "10.95 †"),
        ("4.accuracy.country-nationality", "0.999 †"),
        ("4.outlier.128", "3.11 †"),
        ("2.plateau.small", "0.96 †"),
        ("3b.QWEM.men", "0.755"),
        ("1.loss.1", "0.947 ‡"),
    ],
)
def test_numbers_are_printed_as_they_were_read(name, printed):
    (row,) = [
        one for one in compared({published()[name].figure: NOTHING}, {}) if one["name"] == name
    ]
    assert published_cell(row) == printed


NOTHING: dict[str, Any] = {"numbers": {}, "facts": {}, "notes": []}


def test_no_number_is_rounded_twice():
    """A stored number has as many decimals as are printed, or is a quotient with all of its own."""
    for number in published().values():
        if number.value is not None:
            again = float(f"{number.value:.{number.decimals}f}")
            digits = len(repr(number.value).partition(".")[2])
            assert again == number.value or digits > 10, number.name


def test_every_reason_can_be_given_and_every_topic_has_a_row():
    for number in published().values():
        said = reasons_for(number, HERE)
        assert set(said) <= set(number.why)
        assert len(said) == len(number.why) - (number.hand is None and "hand" in number.why)
        assert len(said) > 0
    assert len(published_topics()) == sum(one.figure == "3a" for one in published().values())


def test_no_reason_is_given_where_nothing_differs():
    for number in published().values():
        assert set(reasons_for(number, PAPER)) <= ALWAYS, number.name


@pytest.mark.parametrize(
    ("name", "fact", "value", "key", "said"),
    [
        ("1.sigma.1", "words", 4500, "scale", "M* has 4,500 rows here and 10,000 there"),
        ("1.sigma.1", "tokens", 52_997_092, "corpus", "there 1.74 billion in one of 10,000"),
        ("3b.QWEM.men", "d", 100, "dimension", "d = 100 here, 200 there"),
        ("1.overlap", "train_words", 1500, "short", "trained on 1,500 words, d = 200"),
        ("1.overlap", "small", 1e-3, "short", "from s(0) = 0.001 and 0.1"),
        ("3b.PMI.men", "density", 0.88, "unseen", "88% of the pairs were seen here"),
        ("4.accuracy.male-female", "width", 1024, "columns", "columns up to 1,024 here"),
        ("4.snr.male-female", "pairs.male-female", 11, "pairs", "11 pairs of male-female"),
        ("4.snr.male-female", "pairs.male-female", 20, "pairs", "20 pairs of male-female"),
        ("4.order", "families", 13, "families", "over 13 of Google's relations here, 5 there"),
    ],
)
def test_a_reason_is_given_where_it_holds(name, fact, value, key, said):
    number = published()[name]
    assert key not in reasons_for(number, PAPER)
    assert said in reasons_for(number, PAPER | {fact: value})[key]


def test_the_loss_at_the_end_is_of_as_many_dimensions_in_both():
    """It was said that d is 200 here, of a number at d = 200 beside one at d = 200."""
    assert "dimension" not in published()["1.loss.200"].why
    assert not any("d is" in said for said in reasons_for(published()["1.loss.200"], HERE).values())


@pytest.mark.parametrize(("d", "factor"), [(128, "1.3"), (256, "1.1"), (512, None), (1024, None)])
def test_hand_factors_are_those_of_the_number(d, factor):
    said = reasons_for(published()[f"4.d_eff.{d}"], HERE).get("hand")
    assert (said is None) == (factor is None)
    assert factor is None or f"by {factor}, chosen by eye" in str(said)


def test_a_table_shows_no_reason_of_a_number_that_was_not_found():
    facts = {"3b.QWEM, trained.men": "see svd(M*)", "closed form": "By theorem. And so on."}
    numbers = {"3b.QWEM.men": {"value": 0.76, "low": 0.7, "high": 0.8}}
    figures = {"3b": {"numbers": numbers, "facts": facts}}
    table = comparison_table(compared(figures, PAPER))
    assert "| MEN, word2vec | 0.744 | not found | - |  |" in table
    assert "| MEN, svd(M*) | 0.755 | 0.760 | 0.700 to 0.800 |  |" in table
    assert "| MEN, QWEM as trained | 0.755 | see svd(M*) | - | 1 |" in table
    assert told_of(facts) == ["closed form: By theorem."]
