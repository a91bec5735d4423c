"""Give embeddings to gensim and pandas, which are imported when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repsearch.extras import missing

if TYPE_CHECKING:
    from gensim.models import KeyedVectors
    from pandas import DataFrame


def keyed_vectors(words: tuple[str, ...], vectors: NDArray[np.floating[Any]]) -> KeyedVectors:
    """Make gensim's object of words and vectors.

    Parameters
    ----------
    words : tuple of str
        V words.
    vectors : (V, d) ndarray
        Their vectors, which are copied.

    Returns
    -------
    gensim.models.KeyedVectors
        In the same order and of the same type of number.

    Raises
    ------
    InputError
        gensim is not installed.
    """
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        raise missing("to_keyedvectors", "gensim") from None
    made = KeyedVectors(vectors.shape[1], count=len(words), dtype=vectors.dtype)
    made.index_to_key = list(words)
    made.key_to_index = {word: row for row, word in enumerate(words)}
    made.vectors = vectors.copy()
    return made


def data_frame(words: tuple[str, ...], vectors: NDArray[np.floating[Any]], name: str) -> DataFrame:
    """Make a pandas data frame of words and vectors.

    Parameters
    ----------
    words : tuple of str
        V words.
    vectors : (V, d) ndarray
        Their vectors, which are copied.
    name : str
        Of what made them; in ``attrs``.

    Returns
    -------
    pandas.DataFrame
        Indexed by word, columns 0 to d - 1.

    Raises
    ------
    InputError
        pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise missing("to_frame", "pandas") from None
    frame = pd.DataFrame(vectors.copy(), index=pd.Index(list(words), name="word"))
    frame.attrs["name"] = name
    return frame
