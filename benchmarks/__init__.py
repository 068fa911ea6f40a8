"""Measures how long the register takes to answer, compared with Datasette and a bare loop over the same rows.

`make bench` runs it. It starts the register as an operator would, sends requests over HTTP, and stores the
measurements in `results.json`, from which it writes `RESULTS.md`. No module of the application imports it.
"""
