"""Score analogies: how often a′ + b − a lies closest to b′."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from probes.analogy.mean_offset import closest_by_offset
from probes.analogy.pair_bootstrap import share_interval, total_interval
from probes.analogy.protocol import AskedEach, AskedFamily, Unanswerable, ask, ask_each
from probes.analogy.result import AnalogyResult, FamilyScore, Protocol
from probes.analogy.search import METHODS, Method, closest_words
from probes.relations.questions import Questions
from probes.relations.relations import Relations
from probes.shared.intervals import check_level
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings, WordsFound


def analogies(
    embeddings: Embeddings,
    relations: Relations | Questions,
    *,
    method: Method = "3CosAdd",
    unanswerable: Unanswerable = "left out",
    block: int | None = None,
    level: float = 0.95,
) -> AnalogyResult:
    """Measure the share of analogies a : b :: a′ : b′ whose b′ is the word found.

    Of `Relations` every ordered pair of distinct pairs of a family is asked,
    as in the paper; of `Questions` those in the file. A question counts when
    its four words are in the vocabulary, as given or, where only that is there,
    in another spelling (`repsearch.embeddings.look_up`). A word whose vector is
    zero is not there. Where a pair has several right answers each of them counts.
    Questions whose answer is one of the
    query words (houston : texas :: dallas : texas), which no method can answer
    since query words are left out of the candidates, are not asked but counted.

    A relation is known better from all its pairs than from one (3CosAvg); how much of an
    accuracy is due to pairs at all, and not to second words that lie near each other or near
    their first, `Relations.shuffled` tells.

    The intervals take the pairs for what was sampled, since the questions of a
    family share them and are far from independent: they rest on the number of
    independent answers that these are worth (`probes.shared.effective_trials`). Families are
    taken as given.

    Parameters
    ----------
    embeddings : Embeddings
        V words and their vectors (V, d); lengths do not matter.
    relations : Relations or Questions
        What to ask.
    method : {"3CosAdd", "3CosMul", "PairDirection", "3CosAvg"}, default "3CosAdd"
        How candidates are scored (`closest_words`); the paper's is 3CosAdd. 3CosAvg asks for
        each pair of a family once, from the mean offset of its other pairs
        (`closest_by_offset`), and takes `Relations` only.
    unanswerable : {"left out", "wrong"}, default "left out"
        "wrong" asks the unanswerable ones as well, as the paper's program does;
        for comparing with its accuracies.
    block : int, optional
        Questions scored at a time (`closest_words`); does not change the result.
    level : float, default 0.95
        Nominal coverage of the intervals.

    Returns
    -------
    AnalogyResult
        Scores by family, over all questions (micro) and as the mean of the
        families that have a question (macro). A family without one, for want
        of two pairs in the vocabulary, has accuracy None.

    Raises
    ------
    InputError
        When no question can be asked, or an option is not one of those above.

    References
    ----------
    Karkada et al. 2025, arXiv:2502.09863, section 4 and its program. Drozd, Gladkova and
    Matsuoka 2016, COLING (3CosAvg).

    Examples
    --------
    Attributes are directions of their own once there is a dimension for each:

    >>> import probes
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> relations = probes.Relations(world.relations)
    >>> for d in (2, 3):
    ...     found = probes.analogies(world.spectrum().embeddings(d), relations)
    ...     print(d, f"{found.micro.value:.2f}")
    2 0.78
    3 1.00
    """
    check_level(level)
    if method not in METHODS:
        raise InputError(f"no analogy method {method!r}; there are {', '.join(METHODS)}")
    if unanswerable not in get_args(Unanswerable):
        raise InputError(f"unanswerable is 'left out' or 'wrong'; got {unanswerable!r}")
    words = relations.look_up(embeddings)
    asked: Sequence[AskedFamily]
    if method == "3CosAvg":
        asked, found = _by_offset(embeddings, relations, words, unanswerable, block)
    else:
        asked = [
            ask(family, relations, words, unanswerable=unanswerable)
            for family in relations.families
        ]
        rows = np.concatenate([family.rows for family in asked])
        if not len(rows):
            raise InputError(_nothing_to_ask(asked, relations, words))
        together = closest_words(embeddings.vectors, rows[:, :3], method=method, block=block)
        found = np.split(together, np.cumsum([len(family.rows) for family in asked])[:-1])
    outcomes = [
        family.outcomes(family.answered(part)) for family, part in zip(asked, found, strict=True)
    ]
    scores = tuple(
        FamilyScore(
            family=family.family,
            pairs_in_file=family.pairs_in_file,
            pairs_used=len(family.pairs),
            questions_in_file=family.questions_in_file,
            questions=int(result.asked.sum()),
            unanswerable=family.unanswerable,
            correct=int(result.right.sum()),
            accuracy=share_interval(result, level=level) if result.asked.any() else None,
            outcomes=result,
        )
        for family, result in zip(asked, outcomes, strict=True)
    )
    with_questions = [family for family in outcomes if family.asked.any()]
    number = np.array([family.asked.sum() for family in with_questions], dtype=np.float64)
    protocol: Protocol = "re-paired" if isinstance(relations, Relations) else "as given"
    if method == "3CosAvg":
        protocol = "each pair once"
    return AnalogyResult(
        method=method,
        protocol=protocol,
        relations=relations.name,
        embeddings=embeddings.name,
        families=scores,
        micro=total_interval(with_questions, number / number.sum(), level=level),
        macro=total_interval(with_questions, np.full(len(number), 1 / len(number)), level=level),
        unanswerable=unanswerable,
        words=words,
        repeated={one.family: one.repeated for one in asked if one.repeated},
        alone={one.family: one.alone for one in asked if isinstance(one, AskedEach) and one.alone},
    )


def _by_offset(
    embeddings: Embeddings,
    relations: Relations | Questions,
    words: WordsFound,
    unanswerable: Unanswerable,
    block: int | None,
) -> tuple[list[AskedEach], list[NDArray[np.int64]]]:
    """Each pair once, from the mean offset of the others of its family."""
    if not isinstance(relations, Relations):
        raise InputError(
            "3CosAvg asks for each pair of a family once, and questions are of two pairs each; "
            "pass relations, such as the `relations()` of the questions, or take another method"
        )
    asked = [
        ask_each(family, relations, words, unanswerable=unanswerable)
        for family in relations.families
    ]
    if not any(len(family.rows) for family in asked):
        raise InputError(_nothing_to_ask(asked, relations, words))
    return asked, [closest_by_offset(embeddings.vectors, family, block=block) for family in asked]


def _inside(words: WordsFound) -> str:
    """The sentence on how words were found, inside another one."""
    said = str(words).rstrip(".")
    return said[:1].lower() + said[1:]


def _nothing_to_ask(
    asked: Sequence[AskedFamily], relations: Relations | Questions, words: WordsFound
) -> str:
    name = f"the {'relations' if isinstance(relations, Relations) else 'questions'}"
    name = f"{name} {relations.name}".rstrip()
    pairs = sum(len(family.pairs) for family in asked)
    repeated = sum(family.repeated for family in asked)
    if pairs + repeated == 0:
        return (
            f"none of {name} has its words in the vocabulary of the embeddings, in any spelling "
            f"({_inside(words)}); check that both are of one language"
        )
    if any(family.unanswerable for family in asked):
        return f"all questions of {name} have a query word for their answer; add other pairs"
    if any(isinstance(family, AskedEach) and family.alone for family in asked):
        return (
            f"no pair of {name} has another in its family that is in the vocabulary and shares no "
            f"word with it, from which it could be answered (pairs there: {pairs}; "
            f"{_inside(words)}); use other relations, or a vocabulary that has their words"
        )
    same = f", and {repeated} more that fall on the same vectors" if repeated else ""
    return (
        f"no family of {name} has two pairs in the vocabulary (pairs there: {pairs}{same}), so "
        f"there is no question to ask ({_inside(words)}); use other relations, or a vocabulary "
        "that has their words"
    )
