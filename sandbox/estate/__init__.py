"""The made-up company whose infrastructure the sandbox deploys, and what is planted in it."""
