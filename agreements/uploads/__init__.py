"""What an uploaded file really is, and whether we accept it."""
