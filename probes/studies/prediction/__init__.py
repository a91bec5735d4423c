"""Predict what a model learns and when, from the spectrum of its target."""

from probes.studies.prediction.known_modes import KnownModes, modes_of_counts, modes_of_spectrum
from probes.studies.prediction.prediction import Prediction, predicted
from probes.studies.prediction.setup import Setup, batch_called, loss_called
from probes.studies.prediction.table import PredictionTable, predict
from probes.studies.prediction.warnings import warnings_about

__all__ = [
    "KnownModes",
    "Prediction",
    "PredictionTable",
    "Setup",
    "batch_called",
    "loss_called",
    "modes_of_counts",
    "modes_of_spectrum",
    "predict",
    "predicted",
    "warnings_about",
]
