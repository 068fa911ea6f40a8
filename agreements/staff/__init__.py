"""What staff see around the register's screens: login, account, staff home, Help and what they follow."""
