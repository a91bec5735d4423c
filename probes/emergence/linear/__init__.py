"""Find when a relation becomes a direction, and when the modes it lives on are learned."""
