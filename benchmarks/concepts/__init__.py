"""Measure concept directions of a real corpus: 14 relations, with the time each stage takes."""
