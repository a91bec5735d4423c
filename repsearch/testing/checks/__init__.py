"""Hold the theory's predictions as checks, one module for each subject."""
