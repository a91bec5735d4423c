"""Evaluate losses with their gradients: of all pairs, of drawn pairs, of streamed text."""
