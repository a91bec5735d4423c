"""Say why another number may be found than a published one, each reason only where it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from probes.reproduce.published import PublishedNumber, published_pairs

Facts = Mapping[str, Any]
_WORDS, _TOKENS, _D, _COLUMNS, _FAMILIES = 10_000, 1.74e9, 200, 4096, 5
_SMALL, _LARGE = 1e-12, 0.1
_SAME_TEXT = 0.01


def reasons_for(number: PublishedNumber, facts: Facts) -> dict[str, str]:
    """Say what differs between our number and the paper's; that it is the cause is not tested.

    Parameters
    ----------
    number : PublishedNumber
        With the keys of what may differ.
    facts : mapping
        Of counts and settings, from `probes.reproduce.study.facts_of`, and of the figure
        (``Measured.facts``).

    Returns
    -------
    dict of str to str
        Text by key, in order, of those that hold. What nothing is known of is left out.

    Examples
    --------
    >>> from probes.reproduce.published import published
    >>> reasons_for(published()["1.sigma.1"], {"words": 4500})
    {'scale': 'M* has 4,500 rows here and 10,000 there, and its eigenvalues grow with them'}
    >>> reasons_for(published()["1.sigma.1"], {"words": 10_000})
    {}
    """
    said = {}
    for key in number.why:
        text = _REASONS[key](number, facts)
        if text is not None:
            said[key] = text
    return said


def _corpus(_: PublishedNumber, facts: Facts) -> str | None:
    if not {"words", "tokens", "documents"} <= set(facts):
        return None
    tokens, words = facts["tokens"], facts["words"]
    if words == _WORDS and abs(tokens / _TOKENS - 1) < _SAME_TEXT:
        return None
    count = f"{tokens / 1e6:,.1f} million" if tokens >= 1e6 else f"{tokens:,}"
    documents = facts["documents"]
    return (
        f"another corpus: {count} words in a vocabulary of {words:,}, from {documents:,} "
        f"article{'s' * (documents != 1)}; there 1.74 billion in one of 10,000, from 1.58 million"
    )


def _scale(_: PublishedNumber, facts: Facts) -> str | None:
    words = facts.get("words", _WORDS)
    if words == _WORDS:
        return None
    return f"M* has {words:,} rows here and 10,000 there, and its eigenvalues grow with them"


def _plateau(_: PublishedNumber, __: Facts) -> str:
    return "the closed form, with so many modes at their ends; there a level of a trained run"


def _dimension(_: PublishedNumber, facts: Facts) -> str | None:
    d = facts.get("d", _D)
    return None if d == _D else f"d = {d:,} here, 200 there"


def _short(_: PublishedNumber, facts: Facts) -> str | None:
    here = tuple(facts.get(name) for name in ("train_words", "train_d", "small", "large"))
    if None in here or here == (_WORDS, _D, _SMALL, _LARGE):
        return None
    words, d, small, large = here
    return (
        f"trained on {words:,} words, d = {d:,}, from s(0) = {small:g} and {large:g}; there on "
        "10,000 words, d = 200, from 1e-12 and 0.1"
    )


def _weights(_: PublishedNumber, facts: Facts) -> str | None:
    share = facts.get("weights_share")
    if share is None:
        return None
    words, more = facts.get("train_words"), facts.get("weights_share_of_all")
    here = f"on {words:,} words" if words else "here"
    grows = f", at {more:.2f} on all {facts['words']:,}" if more else ""
    return (
        "M* of word2vec's own weights is another matrix, nearer to that of QWEM the more words "
        f"there are: its closed form ends at {share:.2f} of QWEM's {here} (dashed in figure 7)"
        f"{grows}"
    )


def _minimum(_: PublishedNumber, __: Facts) -> str:
    return (
        "word2vec here is the minimum of its loss over all pairs, and there the end of stochastic "
        "descent"
    )


def _unseen(_: PublishedNumber, facts: Facts) -> str | None:
    density = facts.get("density", 1.0)
    if density >= 1:
        return None
    return (
        f"a pair never seen is ln 1e-25 in PMI and 0 in PPMI; {density:.0%} of the pairs were seen "
        "here"
    )


def _theorem(_: PublishedNumber, __: Facts) -> str:
    return "QWEM at its end is the closed form (Theorem 1), and was not trained so far here"


def _typo(_: PublishedNumber, __: Facts) -> str:
    return "both of the authors' notebooks print .744"


def _repaired(_: PublishedNumber, facts: Facts) -> str:
    number = facts.get("unanswerable")
    how_many = "" if number is None else f" ({number:,} of them)"
    return (
        f"questions whose answer is a query word are left out here{how_many}, and are wrong there "
        "(0 to 7 % of a relation)"
    )


def _hand(number: PublishedNumber, _: Facts) -> str | None:
    if number.hand is None:
        return None
    return f"the paper multiplies its estimate by {number.hand:g}, chosen by eye"


def _estimator(_: PublishedNumber, __: Facts) -> str:
    return (
        "estimated here from two moments with the mean taken out; the paper's estimate drops one "
        "eigenvalue more, and is 45 % too large for isotropic noise"
    )


def _law(_: PublishedNumber, __: Facts) -> str:
    return (
        "another law: over the edge of the fitted law of random pairs here, without a factor; over "
        "that of Marchenko and Pastur's, whose d_eff was chosen by hand, there"
    )


def _pairs(number: PublishedNumber, facts: Facts) -> str | None:
    there = published_pairs()[number.relation]
    here = facts.get(f"pairs.{number.relation}")
    if here is None or here == there:
        return None
    return f"{here} pairs of {number.relation} have both words in the vocabulary, {there} there"


def _columns(_: PublishedNumber, facts: Facts) -> str | None:
    columns = facts.get("width", _COLUMNS)
    return None if columns >= _COLUMNS else f"columns up to {columns:,} here, up to 4,096 there"


def _families(_: PublishedNumber, facts: Facts) -> str | None:
    number = facts.get("families", _FAMILIES)
    return None if number == _FAMILIES else f"over {number} of Google's relations here, 5 there"


def _qwem(_: PublishedNumber, __: Facts) -> str:
    return "the words that the paper lists of this model, looked for on the modes of QWEM"


def _ablation(_: PublishedNumber, facts: Facts) -> str | None:
    words, d = facts.get("train_words"), facts.get("train_d")
    if words is None or d is None:
        return None
    return (
        f"trained on {words:,} words, d = {d:,}, with k = 1; there on another text than that of "
        "the other figures (41 million words, 20,000 of vocabulary), d = 150, with k = 2"
    )


def _rows(_: PublishedNumber, __: Facts) -> str:
    return "the paper's curves are of the first 10,000 rows of W alone"


_REASONS: Mapping[str, Callable[[PublishedNumber, Facts], str | None]] = {
    "ablation": _ablation,
    "columns": _columns,
    "corpus": _corpus,
    "dimension": _dimension,
    "estimator": _estimator,
    "families": _families,
    "hand": _hand,
    "law": _law,
    "minimum": _minimum,
    "pairs": _pairs,
    "plateau": _plateau,
    "qwem": _qwem,
    "repaired": _repaired,
    "rows": _rows,
    "scale": _scale,
    "short": _short,
    "theorem": _theorem,
    "typo": _typo,
    "unseen": _unseen,
    "weights": _weights,
}
