"""The register for programs: the same selections and records as the pages and files, in JSON, a page at a time."""
