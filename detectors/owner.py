"""Who owns a resource, by its tags."""

from core.types import Estate, Resource


def owner_of(resource: Resource, estate: Estate) -> str | None:
    """Return the owner that the estate's owner tags name, with the tag prefix first."""
    tags = {key.lower(): value for key, value in resource.tags.items()}
    for key in estate.owner_tags:
        for spelling in (f"{estate.tag_prefix}{key}".lower(), key.lower()):
            if tags.get(spelling):
                return tags[spelling]
    return None
