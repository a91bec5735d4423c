"""Keep runs in folders that survive being killed at any moment."""
