"""The whole loop as a person sees it: headless Chromium against everything that is real."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from app.demo.stage import Stage, staged
from app.store import SqliteStore, audit
from app.world import utc_now
from bot.ids import Action, Field
from core.types import FixState, Status

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SCAN_MS = 180_000
STEP_MS = 90_000

pytestmark = [
    pytest.mark.xdist_group("loop"),
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH"),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("demo"), port=0, say=print) as running:
        yield running


@pytest.fixture(scope="module")
def page(stage: Stage) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.goto(f"{stage.page_url}/#as=dana&in={stage.channel}")
        yield opened
        browser.close()


@pytest.fixture
def store(stage: Stage) -> Iterator[SqliteStore]:
    opened = SqliteStore(stage.home / "plumbline.db", clock=utc_now)
    yield opened
    opened.close()


def cards(page: Page) -> Locator:
    return page.locator("#messages > li").filter(has=page.locator(action(Action.WHY)))


def action(name: Action) -> str:
    return f'[data-action="{name}"]'


def test_scan_why_approve_merge_deploy_fixed(page: Page, stage: Stage, store: SqliteStore) -> None:
    expect(cards(page).first).to_be_visible(timeout=SCAN_MS)
    cards(page).first.locator(action(Action.WHY)).click()
    expect(page.get_by_text(re.compile(r"Risk: base"))).to_be_visible(timeout=STEP_MS)

    ts = approve_first_fix(page)
    uid = store.subject_of(stage.channel, ts)
    assert uid
    link = page.locator(f'li[data-ts="{ts}"]').get_by_role("link").filter(has_text="ull request")
    expect(link.first).to_be_visible(timeout=STEP_MS)

    with page.context.expect_page() as opened:
        link.first.click()
    forge = opened.value
    expect(forge.get_by_text(re.compile(r"[Vv]erified")).first).to_be_visible()
    expect(forge.locator(".add, ins, .added").first).to_be_visible()
    forge.get_by_role("button", name=re.compile("^Merge")).click()

    message = page.locator(f'#messages > li[data-ts="{ts}"]')
    expect(message.get_by_text(re.compile("[Ff]ixed, verified")).first).to_be_visible(
        timeout=STEP_MS
    )
    card = store.card(uid)
    assert card.finding.status is Status.FIXED
    assert card.fix
    assert card.fix.state is FixState.VERIFIED


def approve_first_fix(page: Page) -> str:
    """Open Review fix on one card after the other until one has a plan; approve it."""
    for number in range(cards(page).count()):
        card = cards(page).nth(number)
        review = card.get_by_role("button", name="Review fix")  # a path offers the fixes of others
        if not review.count():
            continue
        review.click()
        modal = page.locator("#modal[open]")
        expect(modal).to_be_visible()
        expect(modal.get_by_text("Preparing the fix")).to_have_count(0, timeout=STEP_MS)
        submit = modal.get_by_role("button", name="Open pull request")
        if submit.count():
            callers = modal.locator(f'[data-block="{Field.WHO_CALLS}"]')
            if callers.count():
                callers.get_by_text("Our signed clients").click()
            expect(modal).to_contain_text("Proved")
            submit.click()
            expect(modal).to_contain_text("Approved")
            modal.get_by_role("button", name="Close").first.click()
            return card.get_attribute("data-ts") or ""
        modal.get_by_role("button", name="Close").first.click()
    raise AssertionError("no posted finding has a plan")


def test_a_false_positive_ends_in_a_retrained_model(
    page: Page, stage: Stage, store: SqliteStore
) -> None:
    card = cards(page).filter(has=page.locator(action(Action.FALSE_POSITIVE))).last
    ts = card.get_attribute("data-ts") or ""
    card.locator(action(Action.FALSE_POSITIVE)).click()
    modal = page.locator("#modal[open]")
    modal.get_by_role("radio").first.check()
    for field in modal.locator("textarea, input[type=text]").all():
        field.fill("Checked by hand: intended")
    modal.get_by_role("button", name=re.compile("Record|Submit|Save|False positive")).click()

    thread = f"{stage.page_url}/#as=dana&in={stage.channel}&thread={ts}"
    page.goto(thread)
    page.reload()
    told = page.locator("#thread-messages").get_by_text(re.compile(r"\d+ of them simulated"))
    expect(told).to_be_visible(timeout=STEP_MS)

    uid = store.subject_of(stage.channel, ts)
    assert uid
    assert store.card(uid).finding.status is Status.SUPPRESSED
    assert (store.active_model() or "").startswith("own-")
    assert audit.verify(store.audit_records()) > 0


def test_nothing_went_wrong_on_the_way(stage: Stage) -> None:
    log = (stage.home.parent / "serve.log").read_text(encoding="utf-8")

    assert "crashed" not in log
    assert not [line for line in log.splitlines() if '"level": "error"' in line]


def test_a_secret_of_the_estate_is_kept_nowhere(stage: Stage) -> None:
    repository = Path(stage.home.parent)
    database = (stage.home / "plumbline.db").read_bytes()

    for value in secret_values():
        assert value.encode() not in database
        assert value not in (repository / "serve.log").read_text(encoding="utf-8")


def secret_values() -> tuple[str, ...]:
    """Return the made-up secret values that stand in the estate's templates."""
    from sandbox.aws import estate_files

    found = set()
    for data in estate_files().values():
        found |= set(
            re.findall(r"(?:KEY|SECRET|PASSWORD|TOKEN)\w*: \"?([\w/+=-]{12,})", data.decode())
        )
    return tuple(found)
