// The form of an application, while one types: what will happen is shown beside it, and what is
// wrong stands at its field. Without this script the same comes by "Check".

import { element, icon } from "./html.js";
import { patch } from "./live.js";

const WAIT_MS = 350;

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("deploy"));
/** Fields that were left once, or that came back with a problem: only these are scolded. @type {Set<string>} */
const touched = new Set();
/** @type {AbortController | null} */
let asking = null;
let timer = 0;
/** The form itself is being asked for: what comes of it is looked at afterwards. */
let turning = false;

/** Show the problems of the preview at their fields. @param {HTMLFormElement} form */
function scold(form) {
  /** @type {Map<string, Element[]>} */
  const found = new Map();
  for (const one of document.querySelectorAll("#problems [data-problem]")) {
    const field = one.getAttribute("data-problem") ?? "";
    found.set(field, [...(found.get(field) ?? []), one]);
  }
  for (const slot of form.querySelectorAll("[data-problems-of]")) {
    const field = slot.getAttribute("data-problems-of") ?? "";
    const problems = touched.has(field) || field === "text" ? found.get(field) ?? [] : [];
    slot.replaceChildren(...problems.map((one) => said(one)));
    const input = document.getElementById(`f-${field}`);
    const wrong = problems.some((one) => one.getAttribute("data-severity") === "error");
    if (wrong) input?.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
  }
}

/** @param {Element} problem */
function said(problem) {
  const mild = problem.getAttribute("data-severity") !== "error";
  const line = element("p", { class: mild ? "problem mild" : "problem" });
  const text = problem.querySelector("[data-said]")?.textContent ?? "";
  line.append(icon(mild ? "inconclusive" : "error"), element("span", {}, text));
  return line;
}

/**
 * Send what is written, and return what the server makes of it.
 * @param {HTMLFormElement} form
 * @param {string} of
 * @param {HTMLButtonElement | null} button
 */
async function ask(form, of, button) {
  asking?.abort();
  asking = new AbortController();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.append(name, value);
  }
  if (button) fields.append(button.name, button.value);
  const answer = await fetch(`${form.dataset.preview}${of}`, {
    method: "POST",
    body: fields,
    signal: asking.signal,
    headers: { Accept: "text/html" },
  });
  return answer.ok ? answer.text() : "";
}

/** Ask what would happen, and show it. @param {HTMLFormElement} form */
async function look(form) {
  if (turning) return;
  const preview = document.getElementById("preview");
  const text = await ask(form, "", null).catch(() => "");
  if (!preview || !text) return;
  patch(preview, text);
  scold(form);
  const word = document.querySelector("#save span");
  const verb = document.getElementById("next-verb")?.dataset.verb;
  if (word && verb) word.textContent = verb;
}

/**
 * Show the form for another template, another part of the document, or as a text.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
async function turn(form, button) {
  const place = document.getElementById("deploy-form");
  turning = true;
  const text = await ask(form, "?of=form", button).catch(() => "");
  turning = false;
  if (!place || !text) return;
  patch(place, text);
  tidy(form);
  await look(form);
}

/** What only those need who have no script. @param {HTMLFormElement} form */
function tidy(form) {
  for (const one of form.querySelectorAll(".without-script")) one.toggleAttribute("hidden", true);
}

/** @param {HTMLFormElement} form */
function soon(form) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void look(form), WAIT_MS);
}

/** The inputs of a value, where the row before has those of a Secret's key. */
function plain() {
  const found = document.createDocumentFragment();
  const value = { class: "input mono", name: "env.value", placeholder: "value", spellcheck: "false" };
  found.append(
    element("label", { class: "hidden-text", for: "new" }),
    element("input", { ...value, id: "new", "aria-label": "Value" }),
    element("input", { type: "hidden", name: "env.source" }),
    element("input", { type: "hidden", name: "env.key" }),
  );
  return found;
}

/** Add an empty row after the others. @param {Element} rows */
function add(rows) {
  const last = [...rows.querySelectorAll("[data-row]")].at(-1);
  if (!last) return;
  const row = /** @type {Element} */ (last.cloneNode(true));
  row.querySelector(".pair")?.replaceWith(plain());
  const number = rows.querySelectorAll("[data-row]").length;
  row.querySelectorAll("[data-problems-of], .hint").forEach((one) => one.remove());
  for (const input of row.querySelectorAll("input")) {
    if (input.name === "env.kind") input.value = "value";
    else input.value = "";
    input.removeAttribute("aria-invalid");
    if (input.type === "hidden") continue;
    const kind = input.name === "env.name" ? "name" : "value";
    const label = row.querySelector(`label[for="${input.id}"]`);
    input.id = `e-${kind}-${number}`;
    label?.setAttribute("for", input.id);
    if (label) label.textContent = `${kind === "name" ? "Name" : "Value"} of variable ${number + 1}`;
  }
  const remove = row.querySelector("[data-remove]");
  remove?.setAttribute("value", `remove.${number}`);
  remove?.setAttribute("aria-label", `Remove variable ${number + 1}`);
  last.after(row);
  row.querySelector("input")?.focus();
}

/** Take a row away; of the last one only what is in it. @param {Element} row */
function remove(row) {
  const rows = row.parentElement;
  if (!rows) return;
  if (rows.querySelectorAll("[data-row]").length > 1) {
    row.remove();
  } else {
    for (const input of row.querySelectorAll("input")) if (input.name !== "env.kind") input.value = "";
  }
  /** @type {HTMLElement | null} */ (rows.querySelector("[data-add]"))?.focus();
}

if (form) {
  form.addEventListener("input", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.matches("[data-turns]")) void turn(form, null);
    else if (input.name !== "reason") soon(form);
  });
  form.addEventListener("focusout", (event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).name;
    if (name && !touched.has(name)) {
      touched.add(name);
      scold(form);
    }
  });
  form.addEventListener("click", (event) => {
    const turns = /** @type {Element} */ (event.target).closest("button[data-turns]");
    if (turns) {
      event.preventDefault();
      void turn(form, /** @type {HTMLButtonElement} */ (turns));
      return;
    }
    const button = /** @type {Element} */ (event.target).closest("[data-add], [data-remove]");
    if (!button) return;
    event.preventDefault();
    const rows = button.closest("[data-rows]");
    const row = button.closest("[data-row]");
    if (button.matches("[data-add]") && rows) add(rows);
    else if (row) remove(row);
    soon(form);
  });
  for (const slot of form.querySelectorAll("[data-problems-of]")) {
    if (slot.childElementCount) touched.add(slot.getAttribute("data-problems-of") ?? "");
  }
  tidy(form);
}
