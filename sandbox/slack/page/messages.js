// One message: who, when, what it says, its thread.

import { byId, el, link } from "/page/dom.js";
import { figure, renderBlocks } from "/page/blocks.js";
import { emoji } from "/page/emoji.js";
import { mrkdwn, nameOf } from "/page/text.js";

export const time = (ts) => new Date(Number(ts) * 1000);
const clock = (ts) => time(ts).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

const tones = new Map();
function toneOf(id) {
  if (!tones.has(id)) tones.set(id, tones.size % 5);
  return tones.get(id);
}

export function avatar(person) {
  if (person?.is_bot) return el("img", { class: "avatar", src: "/page/plumb.svg", alt: "" });
  const tone = toneOf(person?.id ?? "");
  const letters = (person?.real_name ?? "?").split(" ").map((word) => word[0]).slice(0, 2).join("");
  return el("span", { class: `avatar tone-${tone}`, "aria-hidden": "true" }, letters);
}

export function message(shown, { state, use, onThread, onDismiss, isCompact, inThread }) {
  const person = state.people.find((one) => one.id === shown.user);
  const surface = { state, use: (block, item, value, node) => use(shown, block, item, value, node) };
  const said = shown.blocks?.length
    ? renderBlocks(shown.blocks, surface)
    : el("div", { class: "b-text" }, mrkdwn(shown.text));
  const classes = ["message", isCompact && "compact", shown.ephemeral_to && "ephemeral"].filter(Boolean).join(" ");
  return el("li", { class: classes, "data-ts": shown.ts, "aria-label": `${nameOf(shown.user)}, ${clock(shown.ts)}` },
    shown.ephemeral_to && el("p", { class: "only-you" }, el("span", { "aria-hidden": "true" }, "◉ "), "Only you can see this ",
      el("button", { type: "button", class: "linklike", onclick: () => onDismiss(shown) }, "Dismiss")),
    avatar(person),
    el("div", { class: "body" },
      el("div", { class: "byline" }, el("strong", {}, nameOf(shown.user)),
        person?.is_bot && el("span", { class: "tag" }, "App"),
        el("time", { datetime: time(shown.ts).toISOString(), title: time(shown.ts).toLocaleString() }, clock(shown.ts)),
        shown.edited && el("span", { class: "edited" }, "(edited)")),
      el("div", { class: "blocks" }, said),
      (shown.files ?? []).map(file),
      reactions(shown),
      !inThread && threadLink(shown, onThread)),
    !inThread && !shown.ephemeral_to && el("div", { class: "tools" },
      el("button", { type: "button", class: "tool", onclick: () => onThread(shown.ts) }, "Reply in thread")));
}

function file(one) {
  if (one.mimetype.startsWith("image/") && one.mimetype !== "image/svg+xml") {
    return figure(one.url, one.alt_txt || one.title, el("figcaption", {}, one.title));
  }
  return el("p", { class: "file" }, link(new URL(one.url, location.href).href, one.title), ` ${one.pretty_type}, ${one.size} bytes`);
}

const reactions = (shown) => shown.reactions?.length && el("p", { class: "reactions" },
  shown.reactions.map((one) => el("span", { class: "reaction", title: one.users.map(nameOf).join(", ") },
    emoji(one.name) ?? `:${one.name}:`, ` ${one.count}`)));

const threadLink = (shown, onThread) => shown.reply_count && el("button",
  { type: "button", class: "thread-link", onclick: () => onThread(shown.ts) },
  el("strong", {}, `${shown.reply_count} ${shown.reply_count === 1 ? "reply" : "replies"}`), ` last at ${clock(shown.latest_reply)}`);

const GROUP_S = 300;
const keys = new WeakMap();

// Bring a list up to date, keeping every element whose message did not change.
export function fill(list, rows, options) {
  const old = new Map([...list.children].map((node) => [keys.get(node), node]));
  const wanted = [];
  let previous = null;
  for (const shown of rows) {
    const day = time(shown.ts).toDateString();
    if (!options.inThread && day !== (previous && time(previous.ts).toDateString())) {
      wanted.push([`day ${day}`, () => el("li", { class: "day" }, el("span", {}, dayWords(time(shown.ts))))]);
    }
    const isCompact = Boolean(previous && previous.user === shown.user && !shown.ephemeral_to && !previous.ephemeral_to
      && !shown.blocks && !previous.blocks && shown.ts - previous.ts < GROUP_S);
    wanted.push([JSON.stringify([shown, isCompact]), () => message(shown, { ...options, isCompact })]);
    previous = shown;
  }
  const nodes = wanted.map(([key, build]) => {
    const node = old.get(key) ?? build();
    keys.set(node, key);
    return node;
  });
  const focused = list.contains(document.activeElement) ? focusPath(list) : null;
  nodes.forEach((node, index) => { if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null); });
  while (list.children.length > nodes.length) list.lastChild.remove();
  if (focused && !list.contains(document.activeElement)) restoreFocus(list, focused);
}

function dayWords(day) {
  const today = new Date();
  if (day.toDateString() === today.toDateString()) return "Today";
  return day.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
}

// A message that is replaced while one of its buttons has focus must not lose it.
function focusPath() {
  const active = document.activeElement;
  return { ts: active.closest("[data-ts]")?.dataset.ts, action: active.dataset.action };
}

function restoreFocus(list, { ts, action }) {
  const item = [...list.children].find((node) => node.dataset.ts === ts);
  const same = item && action && [...item.querySelectorAll("[data-action]")].find((node) => node.dataset.action === action);
  (same || byId("scroll")).focus({ preventScroll: true });
}
