"""A generated company: teams, applications in environments, and their resources over 120 days."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.types import Coverage, Resource, Snapshot
from sandbox.teams import parts
from sandbox.teams.draw import Draw

START = datetime(2026, 1, 5, tzinfo=UTC)
SCANS = (0, 30, 60, 90, 120)  # days on which a snapshot is taken
LAST = SCANS[-1]
TEAMS = ("payments", "storefront", "analytics", "platform", "support", "identity")

_APPLICATIONS = 4  # of each team
_KINDS = ("api", "worker", "pipeline", "tool")
_WORDS = ("ledger", "cart", "search", "refund", "mail", "report", "token", "upload", "price",
          "audit", "sync", "quota", "image", "order", "ticket", "score")  # fmt: skip
_ACCOUNTS = {"prod": "100000000001", "staging": "100000000002", "dev": "100000000002"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """One application in one environment, with what no scanner can see of it.

    `care` (0 to 1) is how well it is configured. `fate` is the hidden business context: below 0 it
    is about to be retired, above 0 an audit of it is coming. `shielded` is a hidden control outside
    AWS that keeps strangers away.
    """

    application: str
    team: str
    kind: str
    environment: str
    data: str
    care: float
    fate: float
    shielded: bool

    @property
    def name(self) -> str:
        """Application and environment, as its resources are named."""
        return f"{self.application}-{self.environment}"

    @property
    def account(self) -> str:
        """The account it runs in."""
        return _ACCOUNTS[self.environment]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A resource and what those who run it know about it."""

    resource: Resource
    deployment: Deployment
    whole: str
    public: bool = False


@dataclass(frozen=True)
class Company:
    """Everything that exists on the days of the scans."""

    seed: int
    deployments: tuple[Deployment, ...]
    by_day: dict[int, dict[str, Drawn]] = field(default_factory=dict)

    def snapshot(self, day: int) -> Snapshot:
        """Return what a scan on a day reads."""
        resources = tuple(each.resource for each in self.by_day[day].values())
        covered = tuple(Coverage(a, (parts.REGION,)) for a in sorted(set(_ACCOUNTS.values())))
        uid = f"simulated-{self.seed}-{day}"
        return Snapshot(uid, START + timedelta(days=day), resources, coverage=covered)


def company(seed: int) -> Company:
    """Draw a company; the same seed gives the same one."""
    draw = Draw(seed)
    made = Company(seed, tuple(_deployments(draw)))
    for day in SCANS:
        made.by_day[day] = {
            each.resource.uid: each
            for deployment in made.deployments
            for each in _resources(draw, deployment, day)
        }
    return made


def _deployments(draw: Draw) -> Iterator[Deployment]:
    for team in TEAMS:
        for number in range(_APPLICATIONS):
            name = f"{draw.one(_WORDS, team, number, 'word')}-{team[:3]}{number}"
            kind = draw.one(_KINDS, name, "kind", weights=(4, 2, 2, 2))
            data = draw.one(("public", "internal", "confidential", "pii"), name, "data",
                            weights=(1, 4, 3, 2))  # fmt: skip
            fate = draw.one((-2.5, 0.0, 2.0), name, "fate", weights=(12, 78, 10))
            shielded = draw.chance(0.15, name, "shielded")
            for environment in ("prod", "staging", "dev"):
                if environment == "staging" and draw.chance(0.5, name, "no staging"):
                    continue
                base = 0.55 if environment == "prod" else 0.4
                care = min(max(draw.normal(base, 0.2, name, environment, "care"), 0.05), 0.95)
                yield Deployment(name, team, kind, environment, data, care, fate, shielded)


def _resources(draw: Draw, deployment: Deployment, day: int) -> Iterator[Drawn]:
    """Yield what a deployment consists of on a day: some came later, some were changed since."""
    for part in parts.plan(draw, deployment.name, deployment.kind):
        born = _born(draw, deployment.name, part)
        if born > day:
            continue
        change = draw.uniform(0, LAST, deployment.name, part, "changed on")
        is_changed = draw.chance(0.25, deployment.name, part, "is changed") and born < change <= day
        yield from _made(draw, deployment, part, born=born, changed=change if is_changed else None)


def _born(draw: Draw, name: str, part: parts.Part) -> float:
    """Return the day on which a part was made; most are older than the first scan."""
    if draw.chance(0.7, name, part, "is old"):
        return -draw.uniform(5, 1200, name, part, "born")
    return draw.uniform(0, LAST - 5, name, part, "born")


def _made(
    draw: Draw, deployment: Deployment, part: parts.Part, *, born: float, changed: float | None
) -> Iterator[Drawn]:
    version = "first" if changed is None else "changed"
    site = parts.Site(
        name=deployment.name,
        account=deployment.account,
        care=deployment.care,
        is_production=deployment.environment == "prod",
        created_at=START + timedelta(days=born),
        changed_at=START + timedelta(days=born if changed is None else changed),
        tags=_tags(draw, deployment, part),
        draw=draw,
        version=version,
    )
    made = list(parts.make(site, part))
    whole = made[0].uid
    is_public = any(parts.is_open(each) for each in made)
    for resource in made:
        yield Drawn(resource, deployment, whole, public=is_public)


def _tags(draw: Draw, deployment: Deployment, part: parts.Part) -> dict[str, str]:
    """Return the tags that somebody thought of."""
    wanted = {
        "team": (deployment.team, 0.85),
        "environment": (deployment.environment, 0.8),
        "application": (deployment.application, 0.7),
        "data": (deployment.data, 0.6),
    }
    return {
        key: value
        for key, (value, known) in wanted.items()
        if draw.chance(known, deployment.name, part, "tag", key)
    }
