// Block Kit to elements. https://docs.slack.dev/reference/block-kit

import { el, link, safeUrl } from "/page/dom.js";
import { control, inputBlock } from "/page/fields.js";
import { menuButton } from "/page/menu.js";
import { richText } from "/page/rich.js";
import { mrkdwn, plainText, words } from "/page/text.js";

// `surface` = {state, use(block, element, value, node), given(element), inputs: []}
export const renderBlocks = (blocks, surface) => blocks.map((block) => renderBlock(block, surface));

function renderBlock(block, surface) {
  switch (block.type) {
    case "header": return el("h3", { class: "b-header" }, plainText(block.text.text));
    case "section": return section(block, surface);
    case "context": return el("div", { class: "b-context" }, block.elements.map(contextItem));
    case "actions": return el("div", { class: "b-actions" }, block.elements.map((item) => element(block, item, surface)));
    case "divider": return el("hr", { class: "b-divider" });
    case "image": return picture(block);
    case "rich_text": return richText(block);
    case "markdown": return el("div", { class: "b-text" }, markdown(block.text));
    case "table": return table(block);
    case "input": return input(block, surface);
    default: return el("p", { class: "unsupported" }, `A ${block.type} block, which this page does not draw.`);
  }
}

function section(block, surface) {
  const body = el("div", { class: "b-section-body" },
    block.text && el("div", { class: "b-text" }, words(block.text)),
    block.fields && el("div", { class: "b-fields" }, block.fields.map((field) => el("div", { class: "b-text" }, words(field)))));
  if (!block.accessory) return el("div", { class: "b-section" }, body);
  const side = block.accessory.type === "image"
    ? el("img", { class: "b-thumb", src: pictureUrl(block.accessory), alt: block.accessory.alt_text })
    : element(block, block.accessory, surface);
  return el("div", { class: "b-section has-accessory" }, body, el("div", { class: "b-accessory" }, side));
}

const contextItem = (item) => item.type === "image"
  ? el("img", { class: "b-icon", src: pictureUrl(item), alt: item.alt_text })
  : el("div", { class: "b-text" }, words(item));

function pictureUrl(image) {
  if (image.slack_file?.id) return `/sandbox/files/${encodeURIComponent(image.slack_file.id)}`;
  const own = /\/files-pri\/(\w+)\//.exec(image.slack_file?.url ?? "");
  if (own) return `/sandbox/files/${own[1]}`;
  const url = safeUrl(image.image_url ?? "");
  return url && new URL(url).origin === location.origin ? url : null;
}

// Pictures from elsewhere are named and linked, not fetched: this page calls nobody.
function picture(block) {
  const src = pictureUrl(block);
  const title = block.title && el("figcaption", {}, plainText(block.title.text));
  if (!src) return el("figure", { class: "b-image" }, title, el("p", { class: "elsewhere" }, link(block.image_url, block.alt_text)));
  return figure(src, block.alt_text, title);
}

export function figure(src, alt, title) {
  return el("figure", { class: "b-image" }, title,
    el("a", { href: src, target: "_blank", rel: "noopener noreferrer" }, el("img", { src, alt, loading: "lazy" })),
    alt && el("details", { class: "alt" }, el("summary", {}, "Text of this picture"), el("p", {}, alt)));
}

function markdown(text) {
  const slack = text
    .replace(/^#{1,6} +(.*)$/gm, "*$1*")
    .replace(/\*\*(.+?)\*\*/g, "*$1*")
    .replace(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>");
  return mrkdwn(slack);
}

function table(block) {
  const cell = (tag, item) => el(tag, {}, item.type === "rich_text" ? richText(item) : item.text);
  const [head, ...rows] = block.rows;
  return el("div", { class: "b-table", tabindex: "0" }, el("table", {},
    el("thead", {}, el("tr", {}, head.map((item) => cell("th", item)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((item) => cell("td", item)))))));
}

function input(block, surface) {
  const made = inputBlock(block, (item) => ({ given: surface.given?.(item), state: surface.state }));
  if (!made.node) return made;
  surface.inputs?.push(made);
  if (block.dispatch_action) {
    made.node.addEventListener("change", () => surface.use(block, block.element, made.read(), made.node));
  }
  return made.node;
}

function element(block, item, surface) {
  if (item.type === "button") return button(block, item, surface);
  if (item.type === "overflow") return overflow(block, item, surface);
  const made = control(item, { given: surface.given?.(item), state: surface.state });
  if (!made) return el("span", { class: "unsupported" }, `${item.type} cannot be used here`);
  if (!made.isGroup) made.node.setAttribute("aria-label", item.placeholder?.text ?? item.action_id);
  made.node.addEventListener("change", () => surface.use(block, item, made.read(), made.node));
  surface.inputs?.push({ node: made.node, read: made.read, action: item.action_id, block: block.block_id, fail: () => {} });
  return made.node;
}

function button(block, item, surface) {
  const style = ["primary", "danger"].includes(item.style) ? ` ${item.style}` : "";
  const label = item.accessibility_label ? { "aria-label": item.accessibility_label } : {};
  const shared = { class: `button${style}`, "data-action": item.action_id, ...label };
  const text = plainText(item.text.text);
  if (item.url && safeUrl(item.url)) {
    return el("a", {
      ...shared, href: safeUrl(item.url), target: "_blank", rel: "noopener noreferrer",
      onclick: () => surface.use(block, item, item.value, null),
    }, text);
  }
  const node = el("button", { ...shared, type: "button" }, text);
  node.addEventListener("click", () => surface.use(block, item, item.value, node));
  return node;
}

const overflow = (block, item, surface) => menuButton({
  label: "More actions",
  content: "•••",
  options: item.options.map((option) => ({
    label: plainText(option.text.text), description: option.description?.text, value: option.value, url: option.url,
  })),
  onChoose: (option) => {
    if (option.url && safeUrl(option.url)) window.open(safeUrl(option.url), "_blank", "noopener");
    surface.use(block, item, option.value, null);
  },
});
