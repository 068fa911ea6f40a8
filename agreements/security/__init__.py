"""Who gets in, how it is logged, and how long it lasts."""
