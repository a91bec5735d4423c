"""Texts that can be downloaded where there is a network: verified, resumable."""

from repsearch.downloads.catalogue import DATASETS, Dataset, cache_folder, dataset
from repsearch.downloads.fetch import fetch
from repsearch.downloads.wikipedia import wikipedia_articles

__all__ = ["DATASETS", "Dataset", "cache_folder", "dataset", "fetch", "wikipedia_articles"]
