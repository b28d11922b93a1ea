// Elements that hold a value: their control, how to read it, how to say what is wrong with it.

import { el } from "/page/dom.js";
import { plainText, words } from "/page/text.js";

let serial = 0;
const fresh = () => `f${++serial}`;

const optionValue = (option) => option?.value ?? "";

function textInput(element, given) {
  const initial = given ?? element.initial_value ?? "";
  const shared = {
    placeholder: element.placeholder?.text, maxlength: element.max_length, class: "field",
    "data-action": element.action_id, autocomplete: "off",
  };
  if (element.multiline) {
    const area = el("textarea", { ...shared, rows: 4 });
    area.value = initial;
    return { node: area, read: () => area.value };
  }
  const kinds = { number_input: "text", email_text_input: "email", url_text_input: "url" };
  const input = el("input", {
    ...shared, type: kinds[element.type] ?? "text", inputmode: element.type === "number_input" ? "decimal" : undefined,
  });
  input.value = initial;
  return { node: input, read: () => input.value };
}

function select(element, given, choices, initial) {
  const node = el("select", { class: "field", "data-action": element.action_id },
    el("option", { value: "" }, element.placeholder?.text ?? "Choose…"), choices);
  node.value = given ?? initial ?? "";
  return { node, read: () => node.value };
}

const plainOption = (option) => el("option", { value: option.value }, plainText(option.text.text));

function staticSelect(element, given) {
  const choices = element.option_groups
    ? element.option_groups.map((group) => el("optgroup", { label: group.label.text }, group.options.map(plainOption)))
    : element.options.map(plainOption);
  return select(element, given, choices, optionValue(element.initial_option));
}

function choices(element, given, kind) {
  const name = fresh();
  const initial = given ?? (kind === "radio"
    ? [optionValue(element.initial_option)]
    : (element.initial_options ?? []).map(optionValue));
  const on = new Set([initial].flat());
  const boxes = [];
  const rows = element.options.map((option) => {
    const box = el("input", { type: kind, name, value: option.value, "data-action": element.action_id });
    box.checked = on.has(option.value);
    boxes.push(box);
    return el("label", { class: "choice" }, box, el("span", {},
      el("span", { class: "choice-text" }, words(option.text)),
      option.description && el("small", {}, words(option.description))));
  });
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const read = kind === "radio" ? () => picked()[0] ?? "" : picked;
  return { node: el("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group" }, rows), read, isGroup: true };
}

function picker(element, given, type, initial) {
  const node = el("input", { class: "field", type, "data-action": element.action_id });
  node.value = given ?? initial ?? "";
  return { node, read: () => node.value };
}

function people(element, given, state) {
  const rows = state.people.filter((person) => !person.is_bot)
    .map((person) => el("option", { value: person.id }, person.real_name));
  return select(element, given, rows, element.initial_user);
}

function channels(element, given, state) {
  const rows = state.channels.filter((channel) => !channel.is_im)
    .map((channel) => el("option", { value: channel.id }, `#${channel.name}`));
  return select(element, given, rows, element.initial_channel ?? element.initial_conversation);
}

// Return {node, read, isGroup} for an element, or null where it holds no value.
export function control(element, { given, state }) {
  switch (element.type) {
    case "plain_text_input": case "email_text_input": case "url_text_input": case "number_input":
      return textInput(element, given);
    case "static_select": return staticSelect(element, given);
    case "radio_buttons": return choices(element, given, "radio");
    case "checkboxes": case "multi_static_select": {
      const flat = element.options ?? element.option_groups.flatMap((group) => group.options);
      return choices({ ...element, options: flat }, given, "checkbox");
    }
    case "datepicker": return picker(element, given, "date", element.initial_date);
    case "timepicker": return picker(element, given, "time", element.initial_time);
    case "users_select": return people(element, given, state);
    case "channels_select": case "conversations_select": return channels(element, given, state);
    default: return null;
  }
}

// An input block: label, control, hint and a place for what is wrong.
export function inputBlock(block, context) {
  const element = block.element;
  const made = control(element, context(element));
  if (!made) return el("p", { class: "unsupported" }, `${element.type} cannot be filled in here`);
  const [id, hintId, errorId] = [fresh(), fresh(), fresh()];
  made.node.id = id;
  const described = [block.hint && hintId, errorId].filter(Boolean).join(" ");
  made.node.setAttribute("aria-describedby", described);
  if (!block.optional) made.node.setAttribute("aria-required", "true");
  const words_ = [plainText(block.label.text), block.optional && el("span", { class: "optional" }, " (optional)")];
  const label = made.isGroup
    ? el("span", { class: "label", id: `${id}l` }, words_)
    : el("label", { class: "label", for: id }, words_);
  if (made.isGroup) made.node.setAttribute("aria-labelledby", `${id}l`);
  const error = el("p", { class: "field-error", id: errorId, role: "alert" });
  const node = el("div", { class: "b-input", "data-block": block.block_id }, label, made.node,
    block.hint && el("p", { class: "hint", id: hintId }, plainText(block.hint.text)), error);
  const fail = (sentence) => {
    error.textContent = sentence ?? "";
    node.classList.toggle("wrong", Boolean(sentence));
    made.node.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) (made.isGroup ? made.node.querySelector("input") : made.node).focus();
  };
  return { node, read: made.read, action: element.action_id, block: block.block_id, fail };
}
