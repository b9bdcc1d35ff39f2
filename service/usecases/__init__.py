"""What the service does; no framework, no storage of its own."""
