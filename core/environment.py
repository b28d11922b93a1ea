"""Words that teams use for their environments, and how much is at stake in each."""

from collections.abc import Mapping

ENVIRONMENTS: Mapping[str, float] = {
    **dict.fromkeys(("sandbox", "sbx", "playground", "demo", "poc"), 0.0),
    **dict.fromkeys(("dev", "development", "test", "tst", "testing", "ci", "ephemeral"), 1.0),
    **dict.fromkeys(("staging", "stage", "stg", "uat", "qa", "preprod", "acceptance", "int"), 2.0),
    **dict.fromkeys(("prod", "production", "prd", "live"), 3.0),
}
"""A tag with any other value says nothing."""
