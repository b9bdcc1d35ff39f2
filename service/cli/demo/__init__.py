"""`plate-match demo`: the whole service on this machine, over plates that are made up."""
