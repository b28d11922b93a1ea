"""The live blueprints, by what they change."""
