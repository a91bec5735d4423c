"""Ask analogies a : b :: a' : b', score the answers, compare scores."""

from probes.analogy.difference import compare_analogies
from probes.analogy.result import AnalogyResult, FamilyScore
from probes.analogy.scoring import analogies

__all__ = ["AnalogyResult", "FamilyScore", "analogies", "compare_analogies"]
