"""Measure speed, memory and accuracy; ``python -m benchmarks`` rewrites docs/benchmarks.md."""
