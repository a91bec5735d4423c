"""Sweep a grid of corpora, windows, targets, losses, dimensions and seeds, each task kept."""
