"""Earlier decisions on findings like one, as far as they were known before its own."""

from datetime import datetime

from app.world import World
from core.types import Card, LabelOrigin
from core.why import Precedent


def precedents(world: World, card: Card, *, now: datetime) -> tuple[Precedent, ...]:
    """Return the nearest earlier decisions; those made after people decided about it are left out."""
    from core import alike
    from explain.precedent import nearest

    finding = card.finding
    decided = [each.decided_at for each in card.decisions]
    found = world.store.labels_like(
        finding,
        before=min([now, *decided]),
        include_simulated=world.models.simulation,
    )
    names = {label.uid: name for label, name in found}
    resource = world.store.resource(finding.resource_uid)
    whole = world.store.resource(finding.resource_uid.partition("|")[0])
    tags = (resource.tags if resource else {}) or (whole.tags if whole else {})
    about = alike.about(owner=finding.owner, resource_type=finding.resource_type, tags=tags)
    return tuple(
        Precedent(
            finding_uid=each.label.finding_uid,
            check_id=each.label.check_id,
            resource_name=names[each.label.uid],
            owner=each.label.about.get("owner", ""),
            verdict=each.label.verdict,
            origin=each.label.origin,
            decided_at=each.label.labelled_at,
            person=each.label.person if each.label.origin is LabelOrigin.PERSON else "",
            reason=each.label.reason,
            alike=each.alike,
        )
        for each in nearest(
            [label for label, _ in found],
            about=about,
            check_id=finding.check_id,
            resource_uid=finding.resource_uid,
        )
    )
