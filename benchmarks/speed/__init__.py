"""How fast the search is, beside what one would take instead: one command, one table."""
