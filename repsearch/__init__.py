"""From text to word embeddings over time: the closed-form theory of word2vec."""
