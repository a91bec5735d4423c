"""Figures of what the probes find, drawn without a display."""

from probes.figures.analogies import plot_analogies
from probes.figures.embedding_map import plot_embedding_map
from probes.figures.power_law import PowerLaw, fit_power_law
from probes.figures.save import save_figure
from probes.figures.similarity import plot_similarity
from probes.figures.spectrum import plot_spectrum
from probes.figures.topics import plot_topic

__all__ = [
    "PowerLaw",
    "fit_power_law",
    "plot_analogies",
    "plot_embedding_map",
    "plot_similarity",
    "plot_spectrum",
    "plot_topic",
    "save_figure",
]
