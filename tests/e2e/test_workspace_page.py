"""The workspace page in headless Chromium, with a real Bolt app behind it."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from slack_sdk import WebClient

from sandbox.slack import Driver, Limits, Workspace
from tests.sandbox_slack_world import (
    EVENTS,
    FINDING,
    FINDINGS,
    PATIENT,
    TITLE,
    by_socket,
    manifest,
    picture,
    review,
    words,
)

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH"),
]
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = (
    '<img src=x onerror="document.title=1"> <script>document.title=2</script> "\'`{{7*7}} </div>'
)
READ_ONLY = {"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
NARROW = {"width": 390, "height": 844}


expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with (
        Workspace(
            limits=Limits(message_per_s=0, tiers=False), bot_events=EVENTS, **PATIENT
        ) as running,
        by_socket(running),
    ):
        yield running


@pytest.fixture
def driver(workspace: Workspace) -> Driver:
    workspace.state.stacks.clear()
    for messages in workspace.state.messages.values():
        messages.clear()
    return Driver(workspace.base_url)


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return WebClient(token=workspace.bot_token, base_url=workspace.api_url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, workspace: Workspace, driver: Driver) -> Iterator[Page]:
    """Open the page as Dana in the findings channel; any error in its console fails the test."""
    assert driver.is_connected()
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults: list[str] = []
    page.on(
        "console", lambda message: faults.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{workspace.base_url}/#as=dana&in={FINDINGS}")
    page.get_by_role("heading", name="plumbline-findings").wait_for()
    yield page
    context.close()
    assert faults == []


def write(page: Page, text: str) -> None:
    field = page.get_by_role("combobox", name=re.compile("Message"))
    field.fill(text)
    field.press("Enter")


def posted(driver: Driver) -> str:
    driver.slash("dana", FINDINGS, "/plumb scan")
    return str(driver.wait_for(lambda: driver.messages(FINDINGS))[0]["ts"])


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages", exact=True)


def test_a_typed_command_brings_the_finding_and_its_fix_is_reviewed_and_sent(page: Page) -> None:
    write(page, "/plumb scan")
    finding = log(page).get_by_role("listitem").filter(has_text="Critical: anyone")
    expect(finding.get_by_role("heading", name=TITLE)).to_be_visible()
    finding.get_by_role("button", name="Review fix").click()
    modal = page.get_by_role("dialog", name="Review fix")
    expect(modal.locator(".line.del")).to_have_text(re.compile(r"-\s+AuthType: NONE"))
    expect(modal.locator(".line.add")).to_have_text(re.compile(r"\+\s+AuthType: AWS_IAM"))
    modal.get_by_role("button", name="Open pull request").click()
    expect(modal.get_by_text("Please complete this required field.")).to_be_visible()
    modal.get_by_label("Webhooks").check()
    modal.get_by_role("button", name="Open pull request").click()
    expect(modal.get_by_role("alert").filter(has_text="Webhooks cannot sign")).to_be_visible()
    modal.get_by_label("Clients").check()
    modal.get_by_label("A note").fill("ship it")
    modal.get_by_role("button", name="Open pull request").click()
    expect(modal).to_be_hidden()
    expect(log(page).get_by_text("Pull request for finding-1")).to_be_visible()


def test_only_the_asker_sees_the_answer_to_why(page: Page, driver: Driver) -> None:
    posted(driver)
    page.get_by_role("button", name="Why?").click()
    answer = log(page).get_by_role("listitem").filter(has_text="Only you can see this")
    expect(answer.locator("strong", has_text="internet")).to_be_visible()
    page.get_by_text("Omar Haddad").click()
    expect(log(page).get_by_text(TITLE)).to_be_visible()
    expect(answer).to_have_count(0)
    page.get_by_text("Dana Reyes").click()
    answer.get_by_role("button", name="Dismiss").click()
    expect(answer).to_have_count(0)


def test_a_thread_refuses_commands_and_answers_mentions_live(page: Page, driver: Driver) -> None:
    posted(driver)
    page.get_by_role("listitem").filter(has_text=TITLE).hover()
    page.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    reply = thread.get_by_role("combobox")
    reply.fill("/plumb scan")
    reply.press("Enter")
    expect(thread.get_by_role("alert")).to_have_text("/plumb is not supported in threads. Sorry!")
    expect(reply).to_have_value("/plumb scan")
    reply.fill("@plumb why?")
    reply.press("Enter")
    expect(thread.get_by_text("heard: @plumb why?")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("2 replies"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(thread).to_be_hidden()


def test_a_button_with_a_confirmation_asks_first(page: Page, driver: Driver) -> None:
    posted(driver)
    page.get_by_role("button", name="False positive").click()
    asked = page.get_by_role("dialog", name="False positive?")
    asked.get_by_role("button", name="Go back").click()
    expect(page.get_by_role("button", name="Review fix")).to_be_visible()
    page.get_by_role("button", name="False positive").click()
    asked.get_by_role("button", name="Yes, it is wrong").click()
    expect(log(page).get_by_text("False positive, says @dana")).to_be_visible()
    expect(page.get_by_role("button", name="Review fix")).to_have_count(0)


def test_the_overflow_menu_works_from_the_keyboard(page: Page, driver: Driver) -> None:
    posted(driver)
    more = page.get_by_role("button", name="More actions")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Snooze")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(log(page).get_by_text("chosen: accept")).to_be_visible()


def test_escape_closes_a_modal_and_the_app_hears_of_it(page: Page, driver: Driver) -> None:
    posted(driver)
    page.get_by_role("button", name="Review fix").click()
    expect(page.get_by_role("dialog", name="Review fix")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(log(page).get_by_text("Review closed")).to_be_visible()
    assert driver.open_views("dana") == []


def test_a_modal_keeps_what_was_typed_when_the_app_changes_it(page: Page, driver: Driver) -> None:
    posted(driver)
    page.get_by_role("button", name="Review fix").click()
    modal = page.get_by_role("dialog", name="Review fix")
    modal.get_by_label("A note").fill("half a thought")
    modal.get_by_role("button", name="Reload").click()
    expect(modal.get_by_text("Reloaded")).to_be_visible()
    expect(modal.get_by_label("A note")).to_have_value("half a thought")
    modal.get_by_role("button", name="Reject this fix").click()
    expect(page.get_by_role("dialog", name="Reject")).to_be_visible()
    page.get_by_role("button", name="Close").first.click()
    expect(modal.get_by_label("A note")).to_have_value("half a thought")


def test_a_modal_keeps_what_was_typed_when_the_app_fills_it_in_later(
    page: Page, driver: Driver, client: WebClient
) -> None:
    posted(driver)
    page.get_by_role("button", name="Review fix").click()
    modal = page.get_by_role("dialog", name="Review fix")
    modal.get_by_label("A note").fill("half a thought")
    modal.get_by_label("Clients").check()
    client.views_update(
        view_id=driver.open_views("dana")[0]["id"], view=review("The plan is ready")
    )
    expect(modal.get_by_text("The plan is ready")).to_be_visible()
    expect(modal.get_by_label("A note")).to_have_value("half a thought")
    expect(modal.get_by_label("Clients")).to_be_checked()


def test_the_home_tab_is_drawn_and_used(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("button", name="Plumbline", exact=True).click()
    expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("35 findings are open")).to_be_visible()
    page.get_by_role("button", name="Scan now").click()
    expect(page.get_by_text("34 findings are open")).to_be_visible()
    page.get_by_role("tab", name="Messages").click()
    write(page, "hello")
    expect(log(page).get_by_text("I hear you")).to_be_visible()


def test_what_is_new_elsewhere_is_counted_until_it_is_read(page: Page, driver: Driver) -> None:
    driver.say("omar", "#orders", "one")
    driver.say("omar", "#orders", "two")
    expect(page.get_by_label("2 unread")).to_be_visible()
    page.get_by_role("button", name=re.compile("orders")).first.click()
    expect(log(page).get_by_text("two", exact=True)).to_be_visible()
    expect(page.get_by_label("2 unread")).to_have_count(0)


def test_hostile_text_is_shown_and_never_run(page: Page, driver: Driver, client: WebClient) -> None:
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    driver.say("omar", FINDINGS, HOSTILE)
    client.chat_postMessage(
        channel=FINDINGS,
        text="x",
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
            words(escaped),
            words(HOSTILE),
            words(f"```{HOSTILE}```\n<javascript:alert(1)|click>"),
            {"type": "context", "elements": [{"type": "mrkdwn", "text": escaped}]},
        ],
    )
    client.files_upload_v2(channel=FINDINGS, filename="x.txt", title=HOSTILE, content=HOSTILE)
    expect(log(page).get_by_role("heading", name=re.compile("onerror"))).to_be_visible()
    expect(log(page).get_by_role("link", name=re.compile("onerror"))).to_be_visible()
    page.wait_for_timeout(200)
    assert page.title().startswith("#plumbline-findings")
    assert page.locator("#messages script, #messages img:not(.avatar)").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0


def test_mrkdwn_is_drawn_as_slack_draws_it(page: Page, client: WebClient) -> None:
    text = (
        "*bold* _slanted_ ~gone~ `code *not bold*` snake_case_name 2*3*4\n&gt; quoted\n• one\n• two\n"
        "<http://127.0.0.1:9/forge?a=1&amp;b=2|the forge> <@U0OMAR00001> <!subteam^S0ORDERS001> <#C0ORDERS001> "
        "&amp;lt; :white_check_mark: :not_an_emoji:"
    )
    client.chat_postMessage(channel=FINDINGS, text=text)
    said = log(page).get_by_role("listitem").last
    expect(log(page).locator("strong", has_text="bold")).to_have_count(1)
    expect(log(page).locator("em")).to_have_text("slanted")
    expect(log(page).locator("s")).to_have_text("gone")
    expect(log(page).locator("code")).to_have_text("code *not bold*")
    expect(log(page).locator("blockquote")).to_have_text("quoted")
    expect(log(page).locator(".b-text ul li")).to_have_text(["one", "two"])
    expect(log(page).get_by_text("snake_case_name 2*3*4")).to_be_visible()
    expect(log(page).locator(".mention")).to_have_text(["@omar", "@team-orders", "#orders"])
    expect(log(page).get_by_role("img", name="white check mark")).to_be_visible()
    expect(log(page).get_by_text("&lt;", exact=False)).to_be_visible()
    forge = said.page.get_by_role("link", name="the forge")
    expect(forge).to_have_attribute("href", "http://127.0.0.1:9/forge?a=1&b=2")
    expect(forge).to_have_attribute("target", "_blank")
    expect(forge).to_have_attribute("rel", "noopener noreferrer")


def test_rich_text_is_drawn_with_names_not_ids(page: Page, client: WebClient) -> None:
    leaves = [
        {"type": "text", "text": "slow", "style": {"italic": True}},
        {"type": "user", "user_id": "U0OMAR00001"},
        {"type": "channel", "channel_id": "C0ORDERS001"},
        {"type": "usergroup", "usergroup_id": "S0ORDERS001"},
        {"type": "broadcast", "range": "here"},
    ]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}
    client.chat_postMessage(channel=FINDINGS, text="x", blocks=[block])
    expect(log(page).locator(".mention")).to_have_text(
        ["@omar", "#orders", "@team-orders", "@here"]
    )
    expect(log(page).locator("em")).to_have_text("slow")


def test_a_picture_has_its_text_beside_it(page: Page, client: WebClient) -> None:
    client.files_upload_v2(
        channel=FINDINGS,
        filename="why.png",
        title="Why 87",
        alt_txt="base -1.1, open +1.9",
        content=picture(),
    )
    shown = log(page).get_by_role("img", name="base -1.1, open +1.9")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 360)
    page.get_by_text("Text of this picture").click()
    expect(log(page).get_by_text("base -1.1, open +1.9")).to_be_visible()


def test_the_composer_offers_commands_and_names(page: Page) -> None:
    field = page.get_by_role("combobox", name=re.compile("Message"))
    field.press_sequentially("/plumb s")
    expect(page.get_by_role("option")).to_have_text(["/plumb scan", "/plumb show"])
    field.press("ArrowDown")
    field.press("Tab")
    expect(field).to_have_value("/plumb show ")
    field.fill("")
    field.press_sequentially("ask @om")
    page.get_by_role("option", name=re.compile("omar")).click()
    expect(field).to_have_value("ask @omar ")


def test_a_permalink_opens_the_thread(page: Page, driver: Driver, client: WebClient) -> None:
    ts = posted(driver)
    page.goto(client.chat_getPermalink(channel=FINDINGS, message_ts=ts)["permalink"])
    expect(page.get_by_role("complementary", name="Thread").get_by_text(TITLE)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_narrow_page_fits_and_reaches_everything(page: Page, driver: Driver, theme: str) -> None:
    posted(driver)
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(log(page).get_by_text(TITLE)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.get_by_role("button", name="Show channels").click()
    page.get_by_role("navigation").get_by_role("button", name="general").click()
    expect(page.get_by_role("heading", name="general")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()


def test_the_theme_button_switches_and_is_remembered(page: Page) -> None:
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


NAMELESS = """() => [...document.querySelectorAll("button, a, input, textarea, select, summary, [role=button]")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.ariaLabel || node.textContent.trim() || node.labels?.length
    || node.getAttribute("aria-labelledby") || node.querySelector("img[alt]:not([alt=''])")))
  .map((node) => node.outerHTML)"""

FAINT = """() => {
  const number = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const rgb = number(getComputedStyle(at).backgroundColor);
      if (rgb.length === 3 || rgb[3] > 0.9) return rgb;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility() && !node.closest(":disabled")
    && getComputedStyle(node).opacity === "1"
    && [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()))
    .map((node) => {
      const [a, b] = [light(number(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), node.className, node.textContent.slice(0, 30)];
    }).filter(([ratio]) => ratio < 4.5);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_has_a_name_and_enough_contrast(
    page: Page, driver: Driver, client: WebClient, theme: str
) -> None:
    ts = posted(driver)
    client.chat_postMessage(channel=FINDINGS, text="a reply with `code`", thread_ts=ts)
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.get_by_role("button", name="Why?").click()
    expect(page.get_by_text("Only you can see this")).to_be_visible()
    page.get_by_role("button", name=re.compile("1 reply")).click()
    expect(page.get_by_text("a reply with")).to_be_visible()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(FAINT) == []
    page.get_by_role("button", name="Review fix").first.click()
    expect(page.get_by_role("dialog", name="Review fix")).to_be_visible()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(FAINT) == []


def test_a_workspace_without_an_app_says_so(browser: Browser) -> None:
    with Workspace() as lonely:
        page = browser.new_page()
        page.goto(lonely.base_url)
        expect(page.get_by_text("Plumbline is not connected")).to_be_visible()
        write(page, "/plumb scan")
        expect(page.get_by_role("alert").filter(has_text="dispatch_failed")).to_be_visible()
        page.close()


def test_messages_to_an_app_that_reads_none_are_turned_off(browser: Browser) -> None:
    with Workspace(manifest=manifest(features={"app_home": READ_ONLY})) as reserved:
        page = browser.new_page()
        page.goto(f"{reserved.base_url}/#as=dana&in=D0DANA00001&tab=messages")
        expect(
            page.get_by_text("Sending messages to this app has been turned off.")
        ).to_be_visible()
        expect(page.get_by_role("combobox", name=re.compile("Message"))).to_be_hidden()
        page.close()


def test_the_sample_finding_is_one_that_slack_takes() -> None:
    assert FINDING[0]["text"]["text"] == TITLE
