"""The service around the library: HTTP, storage and the command line."""
