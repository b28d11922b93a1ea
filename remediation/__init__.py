"""How it is put right: blueprints, plans with proofs, signed commits, forges and rollback."""
