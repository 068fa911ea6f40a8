"""What the register knows by itself: words with fixed meanings, dates known in part, and the rules that follow from them."""
