// The page: who I am, where I am, what I see. Everything else is drawn from the server's state.

import { byId, el } from "/page/dom.js";
import { composer } from "/page/compose.js";
import { LOCK, svg } from "/page/emoji.js";
import { avatar, fill } from "/page/messages.js";
import { attempt, changes, read } from "/page/server.js";
import { learn } from "/page/text.js";
import { actAs, confirm, showHome, showModal } from "/page/views.js";

const here = { me: "", channel: "", thread: "", tab: "messages", state: null, messages: [], dismissed: new Set(), live: true };
let write = null;
let writeThread = null;

const channel = () => here.state.channels.find((one) => one.id === here.channel);

// where am I: in the address, so that a reload and a permalink lead back
function fromAddress() {
  const query = new URLSearchParams(location.hash.slice(1));
  const link = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname);
  const thread = new URLSearchParams(location.search).get("thread_ts");
  here.me = query.get("as") ?? sessionStorage.getItem("as") ?? "";
  here.channel = query.get("in") ?? link?.[1] ?? "";
  here.thread = query.get("thread") ?? thread ?? (link ? `${link[2]}.${link[3]}` : "");
  here.tab = query.get("tab") ?? "messages";
}

function toAddress() {
  const query = new URLSearchParams({ as: here.me, in: here.channel });
  if (here.thread) query.set("thread", here.thread);
  if (here.tab !== "messages") query.set("tab", here.tab);
  history.replaceState(null, "", `/#${query}`);
  sessionStorage.setItem("as", here.me);
}

// reading, one at a time, the latest wish last
let reading = null;
let again = false;
async function refresh() {
  if (reading) { again = true; return reading; }
  reading = (async () => {
    do { again = false; await load(); } while (again);
  })().finally(() => { reading = null; });
  return reading;
}

async function load() {
  try {
    here.state = await read("state", { as: here.me || "dana" });
    here.me = here.state.me;
    if (!channel()) {
      here.channel = (here.state.channels.find((one) => one.unread && !one.is_im) ?? here.state.channels[0]).id;
      here.thread = "";
    }
    if (!channel().is_im) here.tab = "messages";
    here.messages = (await read("messages", { as: here.me, channel: here.channel })).messages;
    here.live = true;
  } catch {
    here.live = false;
  }
  if (here.state) draw();
}

function draw() {
  learn(here.state);
  actAs(here.me);
  drawSide();
  drawPlace();
  drawMessages();
  drawThread();
  showModal(here.state);
  toAddress();
  if (document.visibilityState === "visible" && here.tab === "messages" && channel().unread) {
    attempt("read", { user: here.me, channel: here.channel });
  }
}

function drawSide() {
  const { state } = here;
  byId("team").textContent = state.team;
  const row = (one) => el("button", {
    type: "button", class: `place${one.unread ? " unread" : ""}`, "aria-current": one.id === here.channel ? "page" : undefined,
    onclick: () => go({ channel: one.id, tab: one.is_im ? "home" : "messages" }),
  }, mark(one), el("span", { class: "place-name" }, one.name),
  one.unread > 0 && el("span", { class: "badge", "aria-label": `${one.unread} unread` }, String(one.unread)));
  const group = (title, rows) => rows.length > 0 && el("section", {}, el("h2", {}, title), rows.map(row));
  keepFocus(byId("places"), [
    group("Channels", state.channels.filter((one) => !one.is_im)),
    group("Apps", state.channels.filter((one) => one.is_im)),
    notes(state),
  ].filter(Boolean));
  drawPeople();
  const unread = state.channels.reduce((sum, one) => sum + one.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${channel().is_im ? "" : "#"}${channel().name} | ${state.team}`;
}

function mark(one) {
  if (one.is_im) return el("img", { src: "/page/plumb.svg", alt: "", width: 20, height: 20 });
  return el("span", { class: "mark", "aria-hidden": "true" }, one.is_private ? svg(LOCK, "lock") : "#");
}

const notes = (state) => state.notes.length > 0 && el("details", { class: "notes" },
  el("summary", {}, `Remarks for developers (${state.notes.length})`),
  el("ul", {}, state.notes.map((note) => el("li", {}, note))));

function drawPeople() {
  const key = here.state.me + here.state.people.length;
  const place = byId("people");
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  keepFocus(place, [el("legend", {}, "You are acting as"), ...here.state.people.filter((one) => !one.is_bot).map((one) => {
    const box = el("input", { type: "radio", name: "as", value: one.id, onchange: () => go({ me: one.id }) });
    box.checked = one.id === here.me;
    return el("label", { class: "person" }, box, avatar(one),
      el("span", {}, el("strong", {}, one.real_name), el("small", {}, one.title)));
  })]);
}

function keepFocus(parent, children) {
  const active = parent.contains(document.activeElement) ? document.activeElement : null;
  const same = active && ((node) => node.tagName === active.tagName
    && (active.value ? node.value === active.value : node.textContent.replace(/\d+$/, "") === active.textContent.replace(/\d+$/, "")));
  const open = parent.querySelector("details")?.open;
  parent.replaceChildren(...children);
  if (open) parent.querySelector("details")?.setAttribute("open", "");
  if (same) [...parent.querySelectorAll("button, input, summary")].find(same)?.focus({ preventScroll: true });
}

function drawPlace() {
  const one = channel();
  byId("place-name").replaceChildren(mark(one), ` ${one.name}`);
  byId("place-topic").textContent = one.is_im ? "" : [one.is_private && "Private", `${one.members.length} members`, one.topic].filter(Boolean).join(" · ");
  const isApp = one.is_im;
  byId("tabs").hidden = !isApp;
  if (isApp) {
    const tab = (name, words) => el("button", {
      type: "button", role: "tab", "aria-selected": String(here.tab === name), onclick: () => go({ tab: name }),
    }, words);
    keepFocus(byId("tabs"), [tab("home", "Home"), tab("messages", "Messages")]);
  }
  const isHome = isApp && here.tab === "home";
  byId("home").hidden = !isHome;
  byId("messages").hidden = isHome;
  byId("compose-main").hidden = isHome || (isApp && here.state.is_dm_read_only);
  byId("read-only").hidden = isHome || !(isApp && here.state.is_dm_read_only);
  if (isHome) showHome(here.state);
  const banner = byId("banner");
  banner.hidden = here.live && here.state.is_connected;
  banner.textContent = here.live
    ? `${here.state.app.name} is not connected: commands and buttons will not be answered.`
    : "The workspace does not answer. Trying again…";
}

const options = (inThread) => ({ state: here.state, use, inThread, onThread: (ts) => go({ thread: ts }), onDismiss: dismiss });
const visible = (rows) => rows.filter((one) => !here.dismissed.has(one.ts));

function drawMessages() {
  const rows = visible(here.messages).filter((one) => !one.is_reply);
  keepEnd(byId("scroll"), `${here.me} ${here.channel}`, () => {
    fill(byId("messages"), rows, options(false));
    if (!rows.length) byId("messages").replaceChildren(el("li", { class: "empty" }, "Nothing has been said here yet."));
  });
  write?.relabel();
}

function drawThread() {
  const rows = visible(here.messages).filter((one) => here.thread && (one.ts === here.thread || one.thread_ts === here.thread));
  byId("thread").hidden = !rows.length;
  byId("frame").classList.toggle("with-thread", rows.length > 0);
  if (!rows.length) { here.thread = ""; return; }
  byId("thread-place").textContent = channel().name;
  keepEnd(byId("thread-scroll"), here.thread, () => fill(byId("thread-messages"), rows, options(true)), true);
}

// Stay at the end where the reader was at the end; never jump while they read further up.
function keepEnd(scroll, key, change, fromTop = false) {
  const isNew = scroll.dataset.key !== key;
  const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  change();
  scroll.dataset.key = key;
  if (isNew && fromTop) scroll.scrollTop = 0;
  else if (isNew || wasAtEnd) scroll.scrollTop = scroll.scrollHeight;
}

function dismiss(shown) {
  here.dismissed.add(shown.ts);
  draw();
}

async function use(shown, block, item, value, node) {
  if (item.confirm && !(await confirm(item.confirm))) return;
  node?.setAttribute("aria-busy", "true");
  await attempt("click", {
    user: here.me, channel: here.channel, ts: shown.ts, action_id: item.action_id, block_id: block.block_id, value,
  });
  node?.removeAttribute("aria-busy");
}

async function go(change) {
  const moved = "channel" in change || "me" in change;
  Object.assign(here, moved ? { thread: "" } : {}, change);
  if (moved) side(false);
  await refresh();
  if (here.tab === "home" && channel().is_im && ("tab" in change || moved)) await attempt("home", { user: here.me, tab: "home" });
  if (change.thread) writeThread.focus();
}

function side(open) {
  byId("frame").classList.toggle("side-open", open);
  byId("veil").hidden = !open;
  byId("open-side").setAttribute("aria-expanded", String(open));
  if (open) byId("places").querySelector("[aria-current]")?.focus();
}

function theme(next) {
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
}

function begin() {
  fromAddress();
  const saved = localStorage.getItem("theme");
  if (saved) theme(saved);
  byId("theme").addEventListener("click", () => {
    const isDark = getComputedStyle(document.documentElement).colorScheme === "dark"
      || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    theme(isDark ? "light" : "dark");
  });
  byId("open-side").addEventListener("click", () => side(true));
  byId("veil").addEventListener("click", () => side(false));
  byId("close-thread").addEventListener("click", () => { go({ thread: "" }).then(() => write.focus()); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open], :popover-open")) return;
    if (byId("frame").classList.contains("side-open")) side(false);
    else if (here.thread) go({ thread: "" });
  });
  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("hashchange", () => {
    fromAddress();
    refresh().then(() => { if (here.tab === "home") attempt("home", { user: here.me, tab: "home" }); });
  });
  const shared = { state: () => here.state, place: () => here.channel };
  const end = (id) => refresh().then(() => { byId(id).scrollTop = byId(id).scrollHeight; });
  write = composer({ ...shared, onSent: () => end("scroll"), label: () => (here.state ? `Message ${channel().is_im ? "" : "#"}${channel().name}` : "Message") });
  writeThread = composer({ ...shared, onSent: () => end("thread-scroll"), label: () => "Reply…", thread: () => here.thread });
  byId("compose-main").append(write.node);
  byId("compose-thread").append(writeThread.node);
  refresh().then(() => { if (here.tab === "home") attempt("home", { user: here.me, tab: "home" }); });
  changes(() => refresh(), (live) => { here.live = live; refresh(); });
}

begin();
