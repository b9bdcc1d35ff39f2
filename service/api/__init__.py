"""HTTP: routes, what travels, and the edge around them."""
