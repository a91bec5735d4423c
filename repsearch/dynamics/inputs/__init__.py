"""Accept NumPy arrays, lists and tensors, and check what the closed forms are passed."""
