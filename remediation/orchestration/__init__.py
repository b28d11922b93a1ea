"""The remediation workflow in other orchestrators' languages, generated from its one description."""
