"""What the tests of a fix on its way share: a home with one planned fix, real Git, real signatures."""

from datetime import datetime
from pathlib import Path

from app.settings import (
    GitSettings,
    RepositorySettings,
    ScanSettings,
    Settings,
    WorkflowSettings,
)
from app.store import SqliteStore
from app.world import World, utc_now
from core.decide import decide
from core.identity import finding_uid
from core.types import (
    Card,
    DecisionKind,
    Evidence,
    Finding,
    Link,
    Person,
    Resource,
    Severity,
    Snapshot,
)
from remediation import LocalForge, create_key

DANA = Person(team="T1", user="UDANA", name="Dana")
LIVE = Resource(
    uid="arn:aws:s3:::shop-uploads", type="AWS::S3::Bucket", name="shop-uploads", properties={}
)
UID = finding_uid("PL-S3-001", LIVE.uid)
TEMPLATE = b"""\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shop-uploads
"""


class Silent:
    """A chat that nobody reads."""

    def post_card(self, card: Card, *, channel: str | None = None) -> None: ...
    def post_summary(
        self, summary: object, cards: object, *, channel: str | None = None
    ) -> None: ...
    def say(self, finding_uid: str, text: str, *, once: str = "") -> None: ...
    def ask(self, finding_uid: str, text: str, *, once: str) -> None: ...
    def announce(self, text: str, *, channel: str | None = None) -> None: ...
    def show_model(self, card: object, lines: object) -> None: ...
    def show_plan(self, view_id: str, card: Card, plan: object, refusal: str) -> None: ...


def open_world(folder: Path, *, executor: str = "embedded", name: str = "shop") -> World:
    """Open the home with a forge in it: real git, real signatures."""
    key = folder / "signing"
    repository = RepositorySettings(
        name="shop", kind="local", path=folder / "shop.git", url="http://forge.test/shop"
    )
    settings = Settings(
        scan=ScanSettings(follow_s=1.0),
        git=GitSettings(signing_key=key),
        repository=[repository],
        workflow=WorkflowSettings.model_validate(
            {"executor": executor, "region": "eu-west-1", "name": name}
        ),
    )
    return World(folder / "home", settings)


def make_home(folder: Path) -> None:
    """Make a home with one planned fix that nobody has approved yet."""
    create_key(folder / "signing")
    LocalForge.create(
        folder / "shop.git",
        files={"stacks/shop.yaml": TEMPLATE},
        url="http://forge.test/shop",
        signing_key=folder / "signing",
    )
    world = open_world(folder)
    finding = Finding(
        uid=UID,
        check_id="PL-S3-001",
        control="s3-encryption",
        title="Buckets declare server-side encryption",
        severity=Severity.HIGH,
        resource_uid=LIVE.uid,
        resource_type=LIVE.type,
        resource_name=LIVE.name,
        evidence=Evidence("it has none"),
    )
    now = utc_now()
    world.store.record_scan(Snapshot("s1", now, (LIVE,)), [Card(finding, None)])
    world.store.replace_links([Link(LIVE.uid, "shop", "stacks/shop.yaml", "Uploads", "stack tag")])
    plan = world.planner.plan(finding, Link(LIVE.uid, "shop", "stacks/shop.yaml", "Uploads", "tag"))
    world.store.save_plan(plan)
    world.store.close()


def approve(store: SqliteStore, now: datetime) -> None:
    plan = store.current_plan(UID)
    assert plan
    decide(
        store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=DANA,
        now=now,
        permit=lambda *_: "",
        plan_digest=plan.digest,
    )
