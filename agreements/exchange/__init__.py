"""How records come in and go out: imports, exports, citations, feeds and the first records."""
