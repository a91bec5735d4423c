"""Check a loss, target, counter, solver or world against what the theory predicts."""
