"""Estimate beforehand how long a stage takes, and say times in words."""

from __future__ import annotations

import math

from probes.reproduce.settings import Settings
from probes.reproduce.trained import RUNS

_MINUTE = 60.0
_CARRIED = 4500
# Seconds on two quiet cores, for the carried counts and the settings of a short run.
_MODES, _FACTORISED, _MINIMUM, _QUARTIC, _SGNS = 14.0, 5.0, 36.0, 5.0, 26.0


def seconds_of(stage: str, settings: Settings, words: int) -> float:
    """Give about how long a stage takes on two quiet cores.

    Parameters
    ----------
    stage : str
        Its name.
    settings : Settings
        Settled.
    words : int
        Size of the vocabulary.

    Returns
    -------
    float
        Seconds, to a factor of two or so.

    Examples
    --------
    >>> seconds_of("modes", Settings().settled(words=4500), 4500)
    14.0
    """
    matrix = (words / _CARRIED) * (words / _CARRIED)
    d, columns = settings.d or 1, settings.columns or 1
    if stage == "modes":
        return _MODES * matrix * max(d, columns) / 1024
    if stage in ("ppmi", "pmi"):
        return _FACTORISED * matrix * d / 200
    if stage == "minimum":
        return _MINIMUM * matrix * d / 200
    model = RUNS[stage.removeprefix("run-")]
    trained = (settings.train_words or 1) / 1500
    size = trained * trained * (settings.train_d or 1) / 30
    # Later modes take longer to be learned, and starts that are smaller need double precision.
    longer = math.sqrt((settings.train_modes or 1) / 12)
    double = 2.0 if (settings.small or 1.0) < 1e-6 and model.start == "small" else 1.0
    # The quartic loss under constant weights needs no pass over all pairs.
    cheap = model.loss == "quartic" and model.weights == "setting31"
    return (_QUARTIC if cheap else _SGNS) * size * longer * double


def in_words(seconds: float) -> str:
    """Say a time as people would.

    Parameters
    ----------
    seconds : float
        How long.

    Returns
    -------
    str

    Examples
    --------
    >>> in_words(42.3), in_words(150), in_words(9000)
    ('42 s', '2 min 30 s', '2 h 30 min')
    """
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
