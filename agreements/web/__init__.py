"""What visitors and programs use: pages, files and the API."""
