"""Step the gradient flow or descend it: explicit, stabilised and exponential integrators."""
