"""Draw words: topics with their labels, coherence, stability and graph, and a map."""
