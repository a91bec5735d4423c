"""Analogies a : b :: a' : b': asking them, scoring them, comparing scores."""

from probes.analogy.difference import compare_analogies
from probes.analogy.result import AnalogyResult, FamilyScore
from probes.analogy.scoring import analogies

__all__ = ["AnalogyResult", "FamilyScore", "analogies", "compare_analogies"]
