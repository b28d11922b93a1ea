"""Types, ports, errors and use cases. Nothing here performs I/O."""
