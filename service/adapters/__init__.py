"""The outside: databases and files."""
