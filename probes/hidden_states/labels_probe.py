"""Test whether several labels of hidden states can be read from groups not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.concepts.directions.estimators import row_space
from probes.hidden_states.checked import centred_rows, checked_column, numbered
from probes.hidden_states.equal_rows import equal_rows
from probes.hidden_states.groups import GroupedCodes, p_value
from probes.hidden_states.label_intervals import balanced_interval, majority_share, rows_interval
from probes.hidden_states.label_scores import Classifier, confusion, given_labels, recalls
from probes.hidden_states.labels_result import LabelsProbe
from probes.shared.intervals import check_level
from probes.shared.resampling import Labels, check_draws
from probes.shared.selectivity import selectivity_interval
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent

_MOST_LABELS = 200


@one_blas_thread()
def probe_many_labels(
    states: ArrayLike,
    labels: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    classifier: Classifier = "ridge",
    folds: int = 5,
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> LabelsProbe:
    """Read two or more labels from hidden states of any model, on groups never seen.

    Rows of one group are never on both sides of a split, and the penalty of the classifier is
    chosen on the training folds by leaving out one after the other. Shuffled labels go through
    all of it, the choice too. Labels of groups with one label pass between groups of the same
    fold, so that each fold holds of each label what it truly does; in other groups labels are
    shuffled among the rows.

    Parameters
    ----------
    states : (n, d) array_like
        States of one layer, one row a token, word or sentence; finite.
    labels : (n,) array_like
        Labels, whole numbers or strings; each in two groups or more.
    groups : (n,) array_like, optional
        Group of each row, such as its word. Each row is a group of its own by default; groups
        with equal rows, or nearly equal ones, are joined to one.
    classifier : {"ridge", "logistic"}, default "ridge"
        One ridge regression against the rest for each label, or a multinomial logistic
        regression, which takes some hundred times as long.
    folds : int, default 5
        Folds of the cross-validation; at most as many as there are groups.
    permutations : int, optional
        Shuffles of the null, at least 20; 200 by default, or 49 for the logistic regression.
    controls : int, optional
        Number of control tasks; 50 by default, or 5 for the logistic regression; 0 for none.
    seed : int, default 0
        Seed of folds, shuffles and controls.
    level : float, default 0.95
        Nominal coverage of the intervals, which rest on the number of groups.
    progress : Progress
        What is told how far it is.

    Returns
    -------
    LabelsProbe

    Raises
    ------
    InputError
        Shapes do not fit, there is a single label, a label with a single group, labels that are
        numbers with fractions, or a number out of range.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with control tasks".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> words = np.repeat(np.arange(12), 5)
    >>> states = rng.normal(size=(12, 50))[words] + 0.1 * rng.normal(size=(60, 50))
    >>> found = probe_many_labels(states, words % 3, groups=words, permutations=40)
    >>> found.found, found.seen.value > 0.9  # the word is known, and not its label
    (False, True)
    """
    check_level(level)
    slow = classifier == "logistic"
    draws = (49 if slow else 200) if permutations is None else permutations
    tasks = (5 if slow else 50) if controls is None else controls
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    check_draws(name="permutations", draws=draws, least=20, seed=seed)
    check_draws(name="controls", draws=tasks, least=0, seed=seed)
    if classifier not in ("ridge", "logistic"):
        raise InputError(f"classifier is {classifier!r}; choose 'ridge' or 'logistic'")
    rows = centred_rows(states)
    names, held = _held(labels, groups, rows)
    turned, _ = row_space(rows)
    many, number = len(names), min(folds, held.number)
    by_group = held.group_folds(number, seed=seed, evenly=True)
    for fold in range(number):
        left = np.bincount(held.codes[by_group != fold], minlength=many)
        if not left.all():
            raise InputError(
                f"with groups held out no row is labelled {names[int(left.argmin())]!r}; pass at "
                f"least two groups with each label{' (equal rows are of one)' * bool(held.equal)}"
            )
    taken = held.shuffles(by_group, number=draws, seed=seed)
    every = np.concatenate([held.codes[None], held.codes[taken]])
    balanced, plain, penalties = given_labels(
        turned, every, by_group, labels=many, classifier=classifier, progress=progress
    )
    scored = recalls(balanced, every, many)
    by_row = held.row_folds(number, seed=seed, evenly=True) if held.grouped else by_group
    known = balanced[:1]
    control: Labels = np.zeros((0, len(rows)), dtype=np.int64)
    if held.grouped:
        control = held.codes[held.control_groups(tasks, seed=seed)]
        both = np.concatenate([held.codes[None], control])
        answers, _, _ = given_labels(
            turned, both, by_row, labels=many, classifier=classifier, progress=progress
        )
        known, answers = answers[:1], answers[1:]
        control_scores = recalls(answers, control, many).mean(axis=1)
    else:
        control_scores = np.zeros(0)
    seen = balanced_interval(known[0] == held.codes, held, many, level=level)
    return LabelsProbe(
        classifier=classifier,
        labels=names,
        held=held,
        dimension=rows.shape[1],
        balanced=balanced_interval(balanced[0] == held.codes, held, many, level=level),
        accuracy=rows_interval(plain[0] == held.codes, held, level=level),
        majority=majority_share(held.codes, by_group),
        recall=tuple(
            rows_interval(balanced[0] == held.codes, held, held.codes == code, level=level)
            for code in range(many)
        ),
        null_recall=scored[1:],
        p=p_value(float(scored[0].mean()), scored[1:].mean(axis=1)),
        least_p=held.least_p(by_group, draws),
        seen=seen,
        control=tuple(control_scores.tolist()),
        selectivity=selectivity_interval(seen, control_scores),
        confusion=confusion(balanced[0], held.codes, many),
        settings={
            "folds": number,
            "permutations": draws,
            "controls": tasks if held.grouped else 0,
            "level": level,
            "seed": seed,
            "penalties": " ".join(f"{one:g}" for one in penalties),
        },
    )


def _held(
    labels: ArrayLike, groups: ArrayLike | None, rows: NDArray[np.float64]
) -> tuple[tuple[str, ...], GroupedCodes]:
    column = checked_column("labels", labels, len(rows))
    if column.dtype.kind == "f" and np.any(column != np.floor(column)):
        raise InputError(
            "labels are numbers with fractions, such as "
            f"{float(column[column != np.floor(column)][0]):g}; pass what is continuous as targets"
        )
    names, codes = np.unique(column, return_inverse=True)
    if len(names) < 2:
        raise InputError(f"there is one label ({str(names[0])!r}); pass two or more")
    if len(names) > _MOST_LABELS:
        raise InputError(
            f"there are {len(names):,} labels, more than {_MOST_LABELS}; join some, or pass "
            "numbers as targets"
        )
    held = GroupedCodes(codes.astype(np.int64), numbered("groups", groups, len(rows)))
    return tuple(str(name) for name in names), held.joined(equal_rows(rows))
