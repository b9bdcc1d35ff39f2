"""Every command with its options, a file for each group; each imports its work when it is called.

So `--help` is quick, and `lookup` and `match` load neither web framework nor database.
"""
