"""Measure how the cost of each stage grows, beside the arithmetic that was written down before."""
