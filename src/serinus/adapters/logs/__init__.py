"""Log lines, wherever they come from: which match a pattern, and which are of one kind."""
