"""Estimate the direction of a relation, test it on pairs held out, steer along it, erase it."""
