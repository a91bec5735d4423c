"""Make the figures and tables of arXiv 2502.09863 from counts, beside its published numbers."""
