"""What the public and programs reach: pages, files and the API."""
