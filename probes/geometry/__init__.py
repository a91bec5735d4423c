"""Measure the shape of the whole cloud of vectors."""

from probes.geometry.isotropy import Isotropy, isotropy

__all__ = ["Isotropy", "isotropy"]
