"""Training word2vec and its quartic approximation, watched while they learn."""
