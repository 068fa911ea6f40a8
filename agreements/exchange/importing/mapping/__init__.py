"""What the columns of a file mean, found and asked for step by step: the wizard's side of a profile.

`surveys` looks through the file, `suggesting` says what each column probably is, `choices` are what a clerk chose, as the
table of a profile and back. The result is a profile like any other: staff never need to see its TOML.
"""
