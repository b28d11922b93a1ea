"""What must be true: Rego rules with their cases, and the engine that runs them."""
