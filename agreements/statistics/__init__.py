"""What a selection amounts to: counts, charts, time bars, portfolios and key figures."""
