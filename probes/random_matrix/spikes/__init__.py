"""Count and test the spikes of difference vectors."""
