"""What is checked from time to time: links and stored files."""
