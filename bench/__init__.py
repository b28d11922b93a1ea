"""Benchmarks: what Plumbline costs to run. `make bench` runs them all."""
