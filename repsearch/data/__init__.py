"""Open the counts and word lists that come with the package, and fetch corpora."""

from repsearch.data.carried import CARRIED, CarriedData, carried_counts
from repsearch.data.catalogue import DATASETS, Dataset, cache_folder, dataset
from repsearch.data.fetch import fetch

__all__ = [
    "CARRIED",
    "DATASETS",
    "CarriedData",
    "Dataset",
    "cache_folder",
    "carried_counts",
    "dataset",
    "fetch",
]
