// The field people write in: Enter sends, "/" and "@" offer what there is.

import { el } from "/page/dom.js";
import { act, Refused } from "/page/server.js";

export function composer({ label, state, place, thread, onSent }) {
  const input = el("textarea", {
    rows: 1, "aria-label": label(), placeholder: label(), autocomplete: "off", id: thread ? undefined : "compose",
    role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list",
  });
  const list = el("ul", { class: "offers", role: "listbox", hidden: true, id: thread ? "offers-thread" : "offers" });
  input.setAttribute("aria-controls", list.id);
  const refusal = el("p", { class: "refusal", role: "alert" });
  const send = el("button", { type: "submit", class: "send", "aria-label": "Send" }, "➤");
  const form = el("form", { class: "composer" }, list, el("div", { class: "composer-row" }, input, send), refusal,
    el("p", { class: "composer-hint" }, thread ? "Mention the app here: slash commands do not work in threads." : "Enter sends. Type / for commands, @ to mention."));
  const offers = new Offers(input, list, state, Boolean(thread));

  const grow = () => { input.style.height = "auto"; input.style.height = `${Math.min(input.scrollHeight, 160)}px`; };
  input.addEventListener("input", () => { refusal.textContent = ""; grow(); offers.update(); });
  input.addEventListener("blur", () => setTimeout(() => offers.close(), 150));
  input.addEventListener("keydown", (event) => {
    if (offers.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text || send.disabled) return;
    send.disabled = true;
    input.value = "";
    grow();
    offers.close();
    try {
      const verb = /^\/[a-z]/.test(text) ? "slash" : "say";
      await act(verb, { user: state().me, channel: place(), text, thread_ts: thread?.() });
      onSent();
    } catch (error) {
      input.value = text;
      grow();
      refusal.textContent = error instanceof Refused ? error.message : "The workspace does not answer.";
    } finally {
      send.disabled = false;
      input.focus();
    }
  });
  return { node: form, focus: () => input.focus(), relabel: () => { input.placeholder = label(); input.setAttribute("aria-label", label()); } };
}

class Offers {
  constructor(input, list, state, inThread) {
    Object.assign(this, { input, list, state, inThread, rows: [], at: 0 });
  }

  candidates() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    if (/^\/[^\n]*$/.test(before) && !this.inThread) return this.commands(before);
    const match = /(?:^|\s)@([\w-]*)$/.exec(before);
    if (!match) return [];
    const state = this.state();
    const names = [
      ...state.people.map((person) => ({ word: `@${person.name}`, note: person.real_name })),
      ...state.groups.map((group) => ({ word: `@${group.handle}`, note: "group" })),
    ];
    return names.filter((one) => one.word.slice(1).startsWith(match[1].toLowerCase()))
      .map((one) => ({ ...one, from: before.length - match[1].length - 1 }));
  }

  commands(before) {
    const rows = this.state().commands.flatMap((command) => [
      { word: command.name, note: command.description, from: 0 },
      ...command.hint.split("|").map((part) => part.trim()).filter((part) => /^\w+$/.test(part))
        .map((part) => ({ word: `${command.name} ${part}`, note: "", from: 0 })),
    ]);
    return rows.filter((row) => row.word.startsWith(before) && row.word !== before);
  }

  update() {
    this.rows = this.candidates().slice(0, 8);
    this.at = 0;
    this.draw();
  }

  draw() {
    this.list.hidden = !this.rows.length;
    this.input.setAttribute("aria-expanded", String(this.rows.length > 0));
    this.list.replaceChildren(...this.rows.map((row, index) => el("li", {
      role: "option", id: `${this.list.id}-${index}`, "aria-selected": String(index === this.at),
      onmousedown: (event) => { event.preventDefault(); this.take(index); },
    }, el("strong", {}, row.word), row.note && el("span", {}, row.note))));
    if (this.rows.length) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  close() { this.rows = []; this.draw(); }

  take(index) {
    const row = this.rows[index];
    const end = this.input.selectionStart;
    this.input.setRangeText(`${row.word} `, row.from, end, "end");
    this.update();
  }

  // Returns whether the key was for the list.
  key(event) {
    if (!this.rows.length) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      this.at = (this.at + steps[event.key] + this.rows.length) % this.rows.length;
      this.draw();
    } else if (event.key === "Tab" && !event.shiftKey) this.take(this.at);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }
}
