"""What belongs to members of staff: their accounts and their home page."""
