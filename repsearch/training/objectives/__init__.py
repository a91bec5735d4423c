"""Losses, and ways to evaluate them with gradients: all pairs, drawn pairs, streamed text."""
