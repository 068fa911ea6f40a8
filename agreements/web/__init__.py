"""What the public and programs use: pages, files and the API."""
