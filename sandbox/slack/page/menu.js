// A small menu below a button: arrow keys move, Escape closes, focus returns.

import { el } from "/page/dom.js";

export function menuButton({ label, content, options, onChoose, disabled }) {
  const button = el("button", {
    type: "button", class: "overflow", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label, disabled,
  }, content);
  button.addEventListener("click", () => open(button, options, onChoose));
  return button;
}

function open(button, options, onChoose) {
  const items = options.map((option) =>
    el("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => { menu.hidePopover(); onChoose(option); } },
      option.label, option.description && el("small", {}, option.description)));
  const menu = el("div", { class: "menu", role: "menu", popover: "auto" }, items);
  menu.addEventListener("keydown", (event) => move(event, items));
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    menu.remove();
    button.focus({ preventScroll: true });
  });
  // Inside a dialog everything else is inert, so the menu must live there too.
  (button.closest("dialog") ?? document.body).append(menu);
  button.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, button);
  items[0]?.focus();
}

function place(menu, button) {
  const from = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = from.bottom + 4 + size.height <= innerHeight - 8;
  menu.style.top = `${below ? from.bottom + 4 : Math.max(8, from.top - size.height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(from.left, innerWidth - size.width - 8))}px`;
}

function move(event, items) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement);
  items[(at + steps[event.key] + items.length) % items.length].focus();
}
