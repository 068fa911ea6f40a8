"""Who gets in, how long a login lasts, and the log of both."""
