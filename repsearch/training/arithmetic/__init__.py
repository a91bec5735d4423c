"""Products and sums that give the same bits on any number of threads."""
