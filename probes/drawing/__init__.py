"""Style, labels, dots with whiskers and saving, for all figures."""
