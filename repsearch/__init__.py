"""Compute word embeddings over time from text: the closed-form theory of word2vec.

Text becomes a `Corpus`, a `Corpus` becomes `Counts`, `Counts` a `Target`, a
`Target` a `Spectrum`, a `Spectrum` `Embeddings` or, over time, a `Trajectory`;
each step is a function.

Examples
--------
>>> import repsearch as rs
>>> documents = ["a cat sat on a mat", "a dog ran to a house", "the king ruled the land"]
>>> corpus = rs.encode(documents, vocabulary_size=None)
>>> counts = rs.count(corpus, rs.Window(2))
>>> spectrum = rs.eigenpairs(rs.mstar(counts), d=2)
>>> print(spectrum.eigenvalues.round(2))
[9.62 6.88]
>>> spectrum.embeddings()
<Embeddings 'M*', 13 words, 2 dimensions, float32>
"""

import logging

import lazy_loader

# Each name of __init__.pyi is imported when it is first used: a command waits for what it needs.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# What is done is told to whoever listens; the command line does with --verbose.
logging.getLogger(__name__).addHandler(logging.NullHandler())
