"""Measure how much of the differences of word pairs is common to them, by columns and time."""
