"""What staff follow, single agreements or everything in a selection, and the news they get about it."""
