// Talk to the workspace: read as one person, act as one person, hear of changes.

import { toast } from "/page/dom.js";

export class Refused extends Error {
  constructor(body) {
    super(body.detail || body.error);
    this.code = body.error;
    this.body = body;
  }
}

async function answer(response) {
  const body = await response.json();
  if (!body.ok) throw new Refused(body);
  return body;
}

export const read = async (path, query = {}) =>
  answer(await fetch(`/sandbox/${path}?${new URLSearchParams(query)}`));

export const act = async (verb, body) =>
  answer(await fetch(`/sandbox/act/${verb}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }));

// Act, and tell the person where it was refused; returns null then.
export async function attempt(verb, body) {
  try {
    return await act(verb, body);
  } catch (error) {
    toast(error instanceof Refused ? error.message : "The workspace does not answer.");
    return null;
  }
}

export function changes(onChange, onState) {
  const source = new EventSource("/sandbox/changes");
  source.onmessage = (event) => onChange(JSON.parse(event.data));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
}
