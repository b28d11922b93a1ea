"""One file for each small family of blueprints. `remediation.blueprint.load` imports them all."""
