"""What every count is taken from: columns held in memory, and the version of the register that they belong to."""
