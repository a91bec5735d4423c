"""Write files: atomically, with checksums, locks, tables and provenance."""
