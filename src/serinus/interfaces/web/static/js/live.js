// What is on the page follows what is so. A change is only a nudge: the piece of the page is asked for
// again, and what differs is patched, so that focus, open dialogs and what one has written stay.
import { parse } from "./html.js";
import { listen } from "./line.js";

const POLL_MS = 5000;
const PATIENCE_MS = 4000;
const ANNOUNCE_MS = 5000;

/** @type {WeakMap<Element, {tag: string, busy: boolean, again: boolean}>} */
const known = new WeakMap();
/** @type {HTMLElement | null} */
const shown = document.getElementById("live");
let connected = false;
let lost = 0; // since when nothing is heard, 0 while all is well
let announced = 0;

/** @returns {HTMLElement[]} */
function regions() {
  return [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-part]"))];
}

/**
 * Ask for a piece of the page again, and patch what differs.
 * @param {HTMLElement} region
 * @returns {Promise<boolean>} whether the server answered
 */
export async function refresh(region) {
  const mine = known.get(region) ?? { tag: "", busy: false, again: false };
  known.set(region, mine);
  if (mine.busy) {
    mine.again = true;
    return true;
  }
  mine.busy = true;
  try {
    /** @type {Record<string, string>} */
    const headers = mine.tag ? { "If-None-Match": mine.tag } : {};
    const answer = await fetch(region.dataset.part ?? "", { headers, cache: "no-store" });
    if (answer.status === 401 || answer.status === 404) location.reload();
    if (answer.status !== 200) return answer.status === 304;
    mine.tag = answer.headers.get("etag") ?? "";
    patch(region, await answer.text());
    return true;
  } catch {
    return false;
  } finally {
    mine.busy = false;
    if (mine.again) {
      mine.again = false;
      refresh(region);
    }
  }
}

/**
 * Patch a piece of the page with what the server wrote.
 * @param {HTMLElement} region
 * @param {string} text
 */
export function patch(region, text) {
  const before = document.getElementById("sentence")?.textContent;
  /** @type {any} */ (globalThis).Idiomorph.morph(region, [...parse(text).childNodes], {
    morphStyle: "innerHTML",
    ignoreActiveValue: true,
    callbacks: { beforeNodeMorphed: mayChange, beforeNodeRemoved: mayGo },
  });
  region.dispatchEvent(new CustomEvent("patched", { bubbles: true }));
  const after = document.getElementById("sentence")?.textContent;
  if (after && before !== after) announce(after);
}

/**
 * What a person opened, or a script drew, stays as it is.
 * @param {Node} old
 * @param {Node} fresh
 */
function mayChange(old, fresh) {
  if (!(old instanceof Element) || !(fresh instanceof Element)) return true;
  if (old.hasAttribute("data-keep")) return false;
  if (old instanceof HTMLDialogElement && old.open) return false;
  if (old instanceof HTMLDetailsElement) fresh.toggleAttribute("open", old.open);
  if (old instanceof HTMLInputElement && old.type === "hidden") old.value = fresh.getAttribute("value") ?? "";
  return true;
}

/** @param {Node} old */
function mayGo(old) {
  return !(old instanceof HTMLDialogElement && old.open);
}

/** @param {string} text */
function announce(text) {
  const place = document.getElementById("announcer");
  if (!place || Date.now() - announced < ANNOUNCE_MS) return;
  announced = Date.now();
  place.textContent = text;
}

/** @param {{topic?: string, kind?: string}} change */
function changed(change) {
  for (const region of regions()) {
    const topics = (region.dataset.topics ?? "").split(" ");
    if (change.kind === "reset" || topics.includes(change.topic ?? "")) refresh(region);
  }
  document.dispatchEvent(new CustomEvent("nudged", { detail: change }));
}

async function all() {
  const answers = await Promise.all(regions().map(refresh));
  if (!answers.length) {
    const well = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    return well?.ok ?? false;
  }
  return answers.every(Boolean);
}

/**
 * @param {string} state
 * @param {string} text
 */
function show(state, text) {
  document.documentElement.dataset.live = state;
  if (!shown || shown.dataset.state === state) return;
  shown.hidden = false;
  shown.dataset.state = state;
  shown.textContent = text;
  for (const warning of document.querySelectorAll("dialog .stale")) {
    warning.toggleAttribute("hidden", state !== "stale");
  }
}

/** @param {string} state */
function become(state) {
  const before = connected;
  connected = state === "live";
  if (connected) {
    lost = 0;
    show("live", "Live");
    if (!before) all();
  } else if (!lost) {
    lost = Date.now();
    show("reconnecting", "Reconnecting");
  }
}

async function poll() {
  if (connected || document.visibilityState === "hidden" || Date.now() - lost < PATIENCE_MS) return;
  const reached = await all();
  if (connected) return;
  if (reached) {
    show("polled", "Live, every 5 s");
  } else {
    show("stale", `Stale since ${new Date(lost).toLocaleTimeString("en-GB")}`);
  }
}

/** Let the page follow what is so. */
export function begin() {
  become("reconnecting");
  listen({ state: become, changed });
  setInterval(poll, POLL_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") all();
  });
  for (const region of document.querySelectorAll("[data-every]")) {
    const own = /** @type {HTMLElement} */ (region);
    setInterval(() => {
      if (own.isConnected && document.visibilityState === "visible") refresh(own);
    }, Number(own.dataset.every) * 1000);
  }
}
