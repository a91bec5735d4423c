"""Settings of the figures: what is meant where nothing is asked for, and what is refused."""

from __future__ import annotations

import pytest

from probes.reproduce.fewer_words import leading_words
from probes.reproduce.settings import FIGURES, Settings, figures_called, spelt_out
from probes.reproduce.trained import three_moments
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes


def test_a_short_run_fits_any_vocabulary_and_a_full_one_takes_all_of_it():
    few = Settings().settled(words=40)
    assert (few.d, few.columns, few.train_words, few.train_d, few.train_modes) == (
        40,
        40,
        40,
        30,
        12,
    )
    full = Settings(full=True).settled(words=10_000)
    assert (full.d, full.columns, full.train_words, full.train_d, full.train_modes, full.small) == (
        200, 4096, 10_000, 200, 200, 1e-12,
    )  # fmt: skip


def test_settled_settings_settle_to_themselves():
    settled = Settings(d=50).settled(words=4500)
    assert Settings(**spelt_out(settled)).settled(words=4500) == settled


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"d": 41}, "d is 41; pass at most 40"), ({"columns": 99}, "columns is 99; pass at most 40")],
)
def test_wishes_that_do_not_fit_are_refused(asked, said):
    with pytest.raises(InputError, match=said):
        Settings(**asked).settled(words=40)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (None, FIGURES),
        (["3"], ("3a", "3b")),
        (["8", "1"], ("1", "8")),
        (["4,5 4"], ("4", "5")),
        (["3B"], ("3b",)),
    ],
)
def test_figures_are_called_by_number(names, found):
    assert figures_called(names) == found


def test_counts_of_fewer_words_are_those_of_the_words_kept():
    counts = BinaryAttributes([0.5, 0.3, 0.2]).sample(20_000, seed=0)
    for n in (1, 3, 7):
        few = leading_words(counts, n)
        assert few.words == counts.words[:n]
        assert (few.matrix().toarray() == counts.matrix().toarray()[:n, :n]).all()
    assert leading_words(counts, 99) is counts


def test_three_moments_increase_and_the_first_mode_stands_alone_at_the_second():
    import numpy as np

    times = np.arange(8.0)
    first = np.array([0.0, 0.001, 0.01, 3.0, 9.0, 10.0, 10.0, 10.0])
    share = np.array([0.3, 0.3, 0.4, 0.9, 0.95, 0.7, 0.5, 0.4])
    assert three_moments(times, first, share) == (2.0, 4.0, 7.0)
    with pytest.raises(InputError, match="three are shown"):
        three_moments(times[:2], first[:2], share[:2])
