"""Questions asked of embeddings, whoever made them."""
