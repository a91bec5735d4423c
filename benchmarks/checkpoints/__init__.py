"""Train a small language model, keep its checkpoints, and hold its order of learning to M*."""
