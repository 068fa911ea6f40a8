"""One page before a visit: the agreements of a party, or of any selection, as a page to print and as a Word file.

`making.brief_of` computes a `Brief` first, all of it plain words in one language; a template then lays it out as HTML, and
`word` as a Word file from a template that an operator may replace.
"""
