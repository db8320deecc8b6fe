// Dialogs, the theme, and what is copied. Each of them works without this script as well.
import { icon, toast } from "./html.js";

const YEAR_S = 365 * 86_400;

/** @returns {string} a name that is good once */
function once() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/**
 * Open a dialog by its name.
 * @param {string} name
 */
export function open(name) {
  const dialog = document.getElementById(name);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  if (dialog.open) dialog.close();
  const id = dialog.querySelector('input[name="id"]');
  if (id instanceof HTMLInputElement) id.value = once();
  dialog.showModal();
  return true;
}

/** @param {MouseEvent} event */
function clicked(event) {
  const target = /** @type {Element} */ (event.target);
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const opener = /** @type {HTMLElement | null} */ (target.closest("[data-opens]"));
  if (opener && plain && open(opener.dataset.opens ?? "")) event.preventDefault();
  const closer = target.closest("[data-closes]");
  if (closer && plain) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  }
  if (target instanceof HTMLDialogElement && target.open) target.close();
  const copier = /** @type {HTMLElement | null} */ (target.closest("[data-copies]"));
  if (copier && plain && navigator.clipboard) {
    event.preventDefault();
    copy(copier.dataset.copies ?? "");
  }
  const theme = target.closest("[data-theme-switch]");
  if (theme instanceof HTMLButtonElement) {
    event.preventDefault();
    change(theme);
  }
}

/** @param {string} url */
async function copy(url) {
  try {
    const answer = await fetch(url);
    await navigator.clipboard.writeText(await answer.text());
    toast("Copied.");
  } catch {
    toast("It could not be copied: open the link instead.");
  }
}

/** @returns {string} */
function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** @param {HTMLButtonElement} button */
function change(button) {
  const now = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = now;
  document.cookie = `theme=${now}; path=/; max-age=${YEAR_S}; samesite=strict`;
  label(button);
  document.dispatchEvent(new CustomEvent("themed"));
}

/** @param {HTMLButtonElement} button */
function label(button) {
  const other = theme() === "dark" ? "light" : "dark";
  button.value = other;
  button.setAttribute("aria-label", `Change to the ${other} theme`);
  button.replaceChildren(icon(other === "light" ? "sun" : "moon"));
}

/** @param {Event} event */
function closed(event) {
  if (!(event.target instanceof HTMLDialogElement)) return;
  const here = new URL(location.href);
  if (here.searchParams.has("ask")) {
    here.searchParams.delete("ask");
    history.replaceState(null, "", here);
  }
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-act]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
}

/** Let dialogs open where one is, and close again. */
export function begin() {
  document.addEventListener("click", clicked);
  document.addEventListener("close", closed, true);
  document.addEventListener("submit", submitted);
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      form.removeAttribute("data-sent");
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
    }
  });
  const asked = document.querySelector("dialog[open]");
  if (asked) open(asked.id);
  const button = document.querySelector("[data-theme-switch]");
  if (button instanceof HTMLButtonElement) label(button);
}
