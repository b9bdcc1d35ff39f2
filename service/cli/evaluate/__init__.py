"""`plate-match evaluate`: labelled reads -> how far the answers can be trusted."""
