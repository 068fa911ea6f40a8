"""Attacks on the register as bounded scripts, which say what each one costs the server."""
