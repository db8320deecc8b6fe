// Single keys, and where they lead. None of them acts at once: a verb opens its dialog.
import { open } from "./dialogs.js";
import { toast } from "./html.js";

/** @type {Record<string, string>} */
const PAGES = { r: "/", a: "/apps", t: "/templates", h: "/activity", s: "/settings" };
const AFTER_MS = 1500;

let going = 0; // when g was pressed

/** @returns {boolean} */
function off() {
  return document.documentElement.dataset.keys === "off";
}

/** @param {EventTarget | null} target */
function writes(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"));
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open("palette");
    return;
  }
  const modal = document.querySelector("dialog:modal");
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || modal || off()) return;
  if (does(event.key)) event.preventDefault();
}

/**
 * @param {string} key
 * @returns {boolean} whether the key meant something
 */
function does(key) {
  if (Date.now() - going < AFTER_MS && key in PAGES) {
    location.assign(PAGES[key]);
    return true;
  }
  going = key === "g" ? Date.now() : 0;
  const act = document.querySelector(`[data-letter="${CSS.escape(key)}"]`);
  if (act instanceof HTMLElement) {
    act.click();
    return true;
  }
  switch (key) {
    case "?":
      return open("keys");
    case "/":
      return focus("[data-filter]");
    case "j":
      return walk("[data-row]", 1);
    case "k":
      return walk("[data-row]", -1);
    case "c":
      return walk("[data-check]", 1);
    case "t":
      return tables();
    case "l":
      return follow('.tabs a[href*="tab=logs"]');
    case "y":
      navigator.clipboard?.writeText(location.href).then(() => toast("The link is copied."));
      return true;
    default:
      return false;
  }
}

/** @param {string} selector */
function focus(selector) {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) found.focus();
  return Boolean(found);
}

/** @param {string} selector */
function follow(selector) {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) found.click();
  return Boolean(found);
}

/**
 * Go to the next one, or the one before.
 * @param {string} selector
 * @param {number} by
 */
function walk(selector, by) {
  const all = [...document.querySelectorAll(selector)];
  if (!all.length) return false;
  const at = all.findIndex((one) => one.contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  const target = next.matches("[tabindex]") ? next : next.querySelector("a[href]");
  if (target instanceof HTMLElement) target.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function tables() {
  const here = document.activeElement?.closest("[data-check]") ?? document;
  const found = here.querySelectorAll("details[data-table]");
  const open = [...found].some((one) => one.hasAttribute("open"));
  for (const one of found) one.toggleAttribute("open", !open);
  return found.length > 0;
}

/** Listen to the keyboard. */
export function begin() {
  document.addEventListener("keydown", pressed);
}
