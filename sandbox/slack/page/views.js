// Modals and the Home tab.

import { byId, el } from "/page/dom.js";
import { renderBlocks } from "/page/blocks.js";
import { attempt } from "/page/server.js";
import { plainText } from "/page/text.js";

let shown = { id: "", hash: "", inputs: [] };

const typed = (inputs) => Object.fromEntries(inputs.map((one) => [one.action, one.read()]));

export function showModal(state) {
  const dialog = byId("modal");
  const view = state.views.at(-1);
  if (!view) {
    shown = { id: "", hash: "", inputs: [] };
    if (dialog.open) dialog.close();
    return;
  }
  if (view.id === shown.id && view.hash === shown.hash) return;
  const kept = view.id === shown.id ? typed(shown.inputs) : {};
  const isNew = view.id !== shown.id;
  draw(dialog, view, state, kept);
  if (!dialog.open) dialog.showModal();
  if (isNew) (dialog.querySelector(".modal-body input, .modal-body textarea, .modal-body select") ?? dialog.querySelector("h2")).focus();
}

function draw(dialog, view, state, kept) {
  const inputs = [];
  const surface = {
    state,
    inputs,
    given: (item) => kept[item.action_id] ?? stateOf(view, item),
    use: (block, item, value, node) => useInView(view, block, item, value, node, inputs),
  };
  const body = el("div", { class: "modal-body" }, renderBlocks(view.blocks, surface));
  const submit = view.submit && el("button", { type: "submit", class: "button primary" }, plainText(view.submit.text));
  const close = () => attempt("close", { user: state.me, view_id: view.id });
  const form = el("form", { novalidate: true },
    el("header", { class: "modal-head" },
      state.views.length > 1 && el("span", { class: "depth" }, `${state.views.length - 1} below`),
      el("h2", { id: "modal-title", tabindex: "-1" }, plainText(view.title.text)),
      el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: close }, "✕")),
    body,
    el("p", { class: "modal-error", role: "alert" }),
    el("footer", { class: "modal-foot" },
      el("button", { type: "button", class: "button", onclick: close }, plainText(view.close?.text ?? (view.submit ? "Cancel" : "Close"))),
      submit));
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form, view, state, inputs, submit); });
  dialog.replaceChildren(form);
  dialog.oncancel = (event) => { event.preventDefault(); close(); };
  shown = { id: view.id, hash: view.hash, inputs };
}

function stateOf(view, item) {
  for (const actions of Object.values(view.state.values)) {
    const held = actions[item.action_id];
    if (!held) continue;
    if ("value" in held) return held.value ?? undefined;
    if ("selected_option" in held) return held.selected_option?.value;
    if ("selected_options" in held) return held.selected_options?.map((option) => option.value);
    return Object.entries(held).find(([name]) => name.startsWith("selected_"))?.[1] ?? undefined;
  }
  return undefined;
}

async function send(form, view, state, inputs, submit) {
  if (!submit || submit.disabled) return;
  inputs.forEach((one) => one.fail(""));
  const words = submit.textContent;
  submit.disabled = true;
  submit.textContent = "Sending…";
  const answer = await attempt("submit", { user: state.me, view_id: view.id, values: typed(inputs) });
  submit.disabled = false;
  submit.textContent = words;
  if (!answer) form.querySelector(".modal-error").textContent = "This was not sent. Try again.";
  for (const one of [...inputs].reverse()) if (answer?.errors?.[one.block]) one.fail(answer.errors[one.block]);
}

export async function useInView(view, block, item, value, node, inputs) {
  if (item.confirm && !(await confirm(item.confirm))) return;
  const values = typed(inputs.filter((one) => one.action !== item.action_id));
  node?.setAttribute("aria-busy", "true");
  await attempt("click", { user: shownUser(), view_id: view.id, action_id: item.action_id, block_id: block.block_id, value, values });
  node?.removeAttribute("aria-busy");
}

let user = "";
const shownUser = () => user;

export function showHome(state) {
  user = state.me;
  const place = byId("home");
  if (!state.home) {
    place.replaceChildren(el("p", { class: "empty" }, `${state.app.name} has not put anything here yet.`));
    place.dataset.hash = "";
    return;
  }
  if (place.dataset.hash === state.home.hash + state.me) return;
  place.dataset.hash = state.home.hash + state.me;
  const inputs = [];
  const surface = {
    state, inputs,
    given: (item) => stateOf(state.home, item),
    use: (block, item, value, node) => useInView(state.home, block, item, value, node, inputs),
  };
  place.replaceChildren(el("div", { class: "home-body" }, renderBlocks(state.home.blocks, surface)));
}

export const actAs = (id) => { user = id; };

// Ask before acting, where the element says so. Resolves to whether to go on.
export function confirm(asked) {
  const dialog = byId("confirm");
  return new Promise((resolve) => {
    const done = (yes) => { dialog.close(); resolve(yes); };
    const tone = asked.style === "danger" ? "danger" : "primary";
    dialog.replaceChildren(
      el("header", { class: "modal-head" }, el("h2", { id: "confirm-title" }, plainText(asked.title.text))),
      el("div", { class: "modal-body" }, el("p", {}, plainText(asked.text.text))),
      el("footer", { class: "modal-foot" },
        el("button", { type: "button", class: "button", onclick: () => done(false) }, plainText(asked.deny.text)),
        el("button", { type: "button", class: `button ${tone}`, onclick: () => done(true) }, plainText(asked.confirm.text))));
    dialog.oncancel = (event) => { event.preventDefault(); done(false); };
    dialog.showModal();
  });
}
