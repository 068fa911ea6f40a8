"""The statistics of a selection: counts, charts, time bars, portfolios and key figures."""
