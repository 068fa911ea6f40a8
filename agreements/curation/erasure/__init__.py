"""Erases a person's name from everything that the register keeps, in one step, and says where it stood."""
