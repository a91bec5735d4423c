"""Predict what a model learns and when, from the spectrum of its target."""
