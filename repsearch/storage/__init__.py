"""What every file of ours goes through: atomic writing, checksums, locks, tables, provenance."""
