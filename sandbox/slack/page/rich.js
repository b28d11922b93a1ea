// rich_text blocks. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { el, link } from "/page/dom.js";
import { emoji } from "/page/emoji.js";
import { codeBlock, reference } from "/page/text.js";

function styled(node, style = {}) {
  let out = node;
  if (style.code) out = el("code", { class: "inline" }, out);
  if (style.bold) out = el("strong", {}, out);
  if (style.italic) out = el("em", {}, out);
  if (style.strike) out = el("s", {}, out);
  return out;
}

function leaf(item) {
  switch (item.type) {
    case "text": return styled(document.createTextNode(item.text), item.style);
    case "link": return styled(link(item.url, item.text), item.style);
    case "user": return reference(`@${item.user_id}`);
    case "usergroup": return reference(`!subteam^${item.usergroup_id}`);
    case "channel": return reference(`#${item.channel_id}`);
    case "broadcast": return reference(`!${item.range}`);
    case "emoji": return emoji(item.name) ?? `:${item.name}:`;
    case "date": return new Date(item.timestamp * 1000).toLocaleString();
    default: return item.text ?? item.value ?? "";
  }
}

function section(node) {
  switch (node.type) {
    case "rich_text_list":
      return el(node.style === "ordered" ? "ol" : "ul", { class: `indent-${node.indent ?? 0}` },
        node.elements.map((item) => el("li", {}, item.elements.map(leaf))));
    case "rich_text_preformatted":
      return codeBlock(node.elements.map((item) => item.text ?? item.url ?? "").join(""));
    case "rich_text_quote":
      return el("blockquote", {}, node.elements.map(leaf));
    default:
      return el("p", { class: "rich" }, node.elements.map(leaf));
  }
}

export const richText = (block) => el("div", { class: "b-text" }, block.elements.map(section));
