"""Train, follow analogies as they emerge, and write what was seen from stored results."""
