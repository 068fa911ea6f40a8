"""What all counts are based on: a column store in memory, and the register version it belongs to."""
