"""Solve the flow exactly: from aligned starts (Lemma 3.1) and from any start."""
