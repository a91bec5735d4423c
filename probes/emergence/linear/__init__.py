"""Date when a relation becomes linear, and when the modes it lives on are learned."""
