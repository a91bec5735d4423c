"""Laws of the eigenvalues of noise, and what a spike does to them."""
