// Slack's mrkdwn to elements. https://docs.slack.dev/messaging/formatting-message-text

import { el, link } from "/page/dom.js";
import { emoji } from "/page/emoji.js";

const directory = { people: new Map(), channels: new Map(), groups: new Map(), me: "" };

export function learn(state) {
  directory.people = new Map(state.people.map((person) => [person.id, person]));
  directory.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  directory.groups = new Map(state.groups.map((group) => [group.id, group]));
  directory.me = state.me;
}

export const nameOf = (id) => directory.people.get(id)?.real_name ?? id;

export function mention(id) {
  const person = directory.people.get(id);
  const mine = id === directory.me ? " mine" : "";
  return el("span", { class: `mention${mine}` }, `@${person ? person.name : id}`);
}

const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// A diff is coloured only where every line reads as one.
const DIFF_LINE = /^(\+|-|@@| |diff |index |$)/;

export function codeBlock(source) {
  const lines = source.replace(/^\n/, "").replace(/\n$/, "").split("\n");
  const isDiff = lines.every((line) => DIFF_LINE.test(line)) && lines.some((line) => /^[+-]/.test(line));
  const rows = lines.map((line, index) => {
    const end = index < lines.length - 1 ? "\n" : "";
    if (!isDiff) return line + end;
    const kind = /^(\+\+\+|---|@@|diff |index )/.test(line) ? "meta" : { "+": "add", "-": "del" }[line[0]];
    return el("span", { class: `line ${kind ?? ""}` }, line + end);
  });
  return el("pre", { class: isDiff ? "code diff" : "code", tabindex: "0" }, el("code", {}, rows));
}

export function reference(body) {
  const [target, label] = body.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) {
    const channel = directory.channels.get(target.slice(1));
    return el("span", { class: "mention" }, `#${channel?.name ?? label ?? target.slice(1)}`);
  }
  if (target.startsWith("!subteam^")) {
    const group = directory.groups.get(target.slice(9));
    return el("span", { class: "mention" }, `@${group?.handle ?? label ?? target.slice(9)}`);
  }
  if (target.startsWith("!date^")) return el("time", {}, dateWords(target, label));
  if (target.startsWith("!")) return el("span", { class: "mention mine" }, `@${target.slice(1)}`);
  return link(unescape(target), label === undefined ? undefined : unescape(label));
}

function dateWords(target, fallback) {
  const [, seconds, format] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return fallback ?? target;
  return format
    .replace(/\{date[^}]*\}/g, when.toLocaleDateString(undefined, { dateStyle: "medium" }))
    .replace(/\{time[^}]*\}/g, when.toLocaleTimeString(undefined, { timeStyle: "short" }));
}

const INLINE = [
  [/`([^`\n]+)`/, (m) => el("code", { class: "inline" }, unescape(m[1]))],
  [/<([^<>\n]+)>/, (m) => reference(m[1])],
  [/(?<![\w*])\*(?=\S)([^*\n]*[^\s*])\*(?![\w*])/, (m) => el("strong", {}, inline(m[1]))],
  [/(?<![\w_])_(?=\S)([^_\n]*[^\s_])_(?![\w_])/, (m) => el("em", {}, inline(m[1]))],
  [/(?<![\w~])~(?=\S)([^~\n]*[^\s~])~(?![\w~])/, (m) => el("s", {}, inline(m[1]))],
  [/:([a-z0-9_+-]+):/, (m) => emoji(m[1]) ?? m[0]],
  [/https?:\/\/[^\s<>&"')\]]+[^\s<>&"')\].,;:!?]/, (m) => link(m[0])],
];

export function inline(text) {
  let first = null;
  for (const [pattern, build] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, build };
  }
  if (!first) return text ? [unescape(text)] : [];
  const { match, build } = first;
  return [unescape(text.slice(0, match.index)), build(match), inline(text.slice(match.index + match[0].length))].flat(9);
}

const QUOTE = /^(&gt;|>) ?/;
const BULLET = /^\s*(?:[•◦▪-]|\*(?= ))\s+/;
const NUMBERED = /^\s*\d+[.)]\s+/;

function paragraphs(text) {
  const out = [];
  let open = null;
  const close = () => { open = null; };
  for (const line of text.split("\n")) {
    const kind = QUOTE.test(line) ? "quote" : BULLET.test(line) ? "ul" : NUMBERED.test(line) ? "ol" : "p";
    if (!open || open.kind !== kind) {
      close();
      const tag = { quote: "blockquote", ul: "ul", ol: "ol", p: "p" }[kind];
      open = { kind, node: el(tag), lines: 0 };
      out.push(open.node);
    }
    const words = inline(line.replace({ quote: QUOTE, ul: BULLET, ol: NUMBERED, p: /^/ }[kind], ""));
    if (kind === "ul" || kind === "ol") open.node.append(el("li", {}, words));
    else open.node.append(...(open.lines++ ? [el("br")] : []), ...words);
  }
  return out.filter((node) => node.childNodes.length && (node.tagName !== "P" || node.textContent.trim() || node.querySelector("*")));
}

export function mrkdwn(text) {
  const parts = String(text ?? "").split(/```/);
  // An odd number of fences leaves the last one as text.
  const closed = parts.length % 2 === 1;
  return parts.flatMap((part, index) => {
    const isCode = index % 2 === 1 && (closed || index < parts.length - 1);
    if (isCode) return [codeBlock(unescape(part))];
    const trimmed = index > 0 ? part.replace(/^\n/, "") : part;
    return trimmed.trim() ? paragraphs(trimmed.replace(/\n$/, "")) : [];
  });
}

// plain_text may hold emoji names; returns nodes and strings to append.
export const plainText = (text) =>
  String(text ?? "").split(/(:[a-z0-9_+-]+:)/).map((part) => (part && emoji(part.slice(1, -1))) || part);

export const words = (object) =>
  object?.type === "mrkdwn" ? mrkdwn(object.text) : plainText(object?.text);
