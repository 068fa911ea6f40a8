"""Scripts that attack the register within bounds and report what each attack costs the server."""
