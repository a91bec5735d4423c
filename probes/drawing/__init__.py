"""Draw what all figures share: their style, labels, intervals by row, files."""
