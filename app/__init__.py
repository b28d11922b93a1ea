"""Wiring: settings, command line, storage and jobs. The only place where adapters are chosen."""
