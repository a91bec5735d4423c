"""Predictions of the theory as checks, and random inputs to run them on.

The modules `losses`, `targets`, `counting` and `flow` hold checks: functions
that return a `Check`, and take a user's own loss, target, solver or counter.
`oracle` integrates the gradient flow numerically. `strategies` makes inputs and
needs Hypothesis (``pip install 'repsearch[testing]'``). The guide is
``docs/testing.md``.
"""

from repsearch.testing.check import Check

__all__ = ["Check"]
