"""Measure at which layers of language models concepts are directions."""
