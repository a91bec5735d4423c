"""Work out the coefficients of a loss over pairs of words, without a V x V array."""
