"""What the register answers in how long, beside Datasette and a bare loop over the same rows.

`make bench` runs it. It starts the register as an operator would, asks over http, and keeps what it measured in
`results.json`, of which `RESULTS.md` is written. No module of the application imports it, nor the other way round.
"""
