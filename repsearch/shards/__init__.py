"""Count a text of many files in shards, on the processes of one machine or of many."""

from repsearch.shards.whole import CountedText, count_in_shards

__all__ = ["CountedText", "count_in_shards"]
