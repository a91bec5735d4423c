"""Write a run so that it survives a kill at any moment, and read it back."""
