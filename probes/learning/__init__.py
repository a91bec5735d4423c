"""Find after how many steps of a language model's training concepts become directions."""

from probes.learning.concept import ConceptLearning
from probes.learning.curves import LearningCurves
from probes.learning.order import OrderOfLearning, RelationOrder, order_of_learning
from probes.learning.study import learning_curves

__all__ = [
    "ConceptLearning",
    "LearningCurves",
    "OrderOfLearning",
    "RelationOrder",
    "learning_curves",
    "order_of_learning",
]
