"""How risky and why: features, risk model, calibration, contributions, wording and plots."""
