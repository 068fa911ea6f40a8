"""How days and moments are written, where Django's way would be the American one."""
