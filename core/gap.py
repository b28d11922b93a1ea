"""What a gap leaves undecided: a finding or a resource that may be there and was not seen."""

from collections.abc import Sequence

from core.types import Finding, Gap

EVERYTHING = "*"
"""The `resource_type` of a gap that leaves every finding undecided: a whole check crashed."""


def is_undecided(gaps: Sequence[Gap], finding: Finding) -> bool:
    """Whether a gap may be why a finding was not made this time."""
    return any(_silences(gap, finding) for gap in gaps) or may_be_hidden(
        gaps,
        uid=finding.resource_uid,
        resource_type=finding.resource_type,
        account=finding.account,
        region=finding.region,
    )


def _silences(gap: Gap, finding: Finding) -> bool:
    if gap.resource_type == EVERYTHING:
        return True
    if gap.scope != finding.check_id:
        return False
    if gap.resource_uid:
        return _is_of(gap.resource_uid, finding.resource_uid)
    return _same_place(gap, finding.account, finding.region)


def may_be_hidden(
    gaps: Sequence[Gap], *, uid: str, resource_type: str, account: str = "", region: str = ""
) -> bool:
    """Whether a failed read may be why a resource was not seen."""
    for gap in gaps:
        if gap.reason == "unsupported" and ":" not in gap.scope:
            continue  # a check that does not apply here has read nothing wrongly
        if gap.resource_uid:
            if _is_of(gap.resource_uid, uid):
                return True
            continue
        if gap.resource_type == resource_type and _same_place(gap, account, region):
            return True
    return False


def _is_of(parent: str, uid: str) -> bool:
    return uid == parent or uid.startswith(f"{parent}|")


def _same_place(gap: Gap, account: str, region: str) -> bool:
    return (not gap.account or not account or gap.account == account) and (
        not gap.region or not region or gap.region == region
    )
