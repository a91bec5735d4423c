"""Train word2vec and its quartic approximation, and record what they learn when.

What was trained is read without torch; everything else here asks for it when it is first named.
"""

import lazy_loader

from repsearch.errors import DivergenceError as DivergenceError  # the one name of another room
from repsearch.extras import missing

# Each other name of __init__.pyi is imported when it is first used.
_named, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["DivergenceError"]

_WITHOUT_TORCH = frozenset(
    (
        *("AtSteps", "AtTimes", "Every", "LogSpaced", "Schedule", "evenly"),
        *("DivergenceError", "TrainedTrajectory", "learning_time_schedule"),
    )
)


def __getattr__(name: str) -> object:
    if name in __all__ and name not in _WITHOUT_TORCH:
        try:
            import torch  # noqa: F401
        except ImportError:
            raise missing("training", "torch") from None
    return _named(name)
