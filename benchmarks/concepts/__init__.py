"""Concept directions of a real corpus: verdicts for 14 relations, and how long they take."""
