// What is on the page follows what is so. A change is only a nudge: the piece of the page is asked for
// again, and what differs is patched, so that focus, open dialogs and what one has written stay.
import { parse } from "./html.js";
import { listen } from "./line.js";

const POLL_MS = 5000;
const PATIENCE_MS = 4000;
const ANSWER_MS = 10_000;
const ANNOUNCE_MS = 5000;

/** @type {WeakMap<Element, {tag: string, busy: Promise<boolean> | null, again: boolean}>} */
const known = new WeakMap();
/** @type {HTMLElement | null} */
const shown = document.getElementById("live");
let connected = false;
let lost = 0; // since when nothing is heard, 0 while all is well
let announced = 0;
let saying = ""; // what is announced once the last announcement has had its time

/** @returns {HTMLElement[]} */
function regions() {
  return [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-part]"))];
}

/**
 * Ask for a piece of the page again, and patch what differs.
 * @param {HTMLElement} region
 * @returns {Promise<boolean>} whether the server answered
 */
export function refresh(region) {
  const mine = known.get(region) ?? { tag: "", busy: null, again: false };
  known.set(region, mine);
  mine.again = Boolean(mine.busy);
  mine.busy ??= fresh(region, mine);
  return mine.busy;
}

/**
 * @param {HTMLElement} region
 * @param {{tag: string, busy: Promise<boolean> | null, again: boolean}} mine
 */
async function fresh(region, mine) {
  try {
    /** @type {Record<string, string>} */
    const headers = mine.tag ? { "If-None-Match": mine.tag } : {};
    const [answer, text] = await asked(region.dataset.part ?? "", headers);
    // What was sent from here tells where to go, and a page that is loaded again would not hear it.
    const sent = document.querySelector("form[data-sent]");
    if (!sent && (answer.status === 401 || answer.status === 404)) location.reload();
    if (answer.status !== 200) return answer.status === 304;
    mine.tag = answer.headers.get("etag") ?? "";
    patch(region, text);
    return true;
  } catch {
    return false;
  } finally {
    mine.busy = null;
    if (mine.again) refresh(region);
  }
}

/**
 * Ask the server, and wait no longer than somebody would.
 * @param {string} url
 * @param {Record<string, string>} headers
 * @returns {Promise<[Response, string]>}
 */
async function asked(url, headers = {}) {
  const patience = new AbortController();
  const over = setTimeout(() => patience.abort(), ANSWER_MS);
  try {
    const answer = await fetch(url, { headers, cache: "no-store", signal: patience.signal });
    return [answer, await answer.text()];
  } finally {
    clearTimeout(over);
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

/**
 * Tell those who hear the page, not more often than they can listen; of what comes meanwhile, the newest.
 * @param {string} text
 */
function announce(text) {
  const waits = Boolean(saying);
  saying = text;
  const rest = announced + ANNOUNCE_MS - Date.now();
  if (rest <= 0) say();
  else if (!waits) setTimeout(say, rest);
}

function say() {
  const place = document.getElementById("announcer");
  if (place && saying) place.textContent = saying;
  announced = Date.now();
  saying = "";
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
    return asked("/healthz").then(
      ([answer]) => answer.ok,
      () => false,
    );
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

/**
 * @param {string} state
 * @param {number} since
 */
function become(state, since = Date.now()) {
  const before = connected;
  connected = state === "live";
  if (connected) {
    lost = 0;
    show("live", "Live");
    if (!before) all();
  } else if (!lost) {
    lost = since;
    show("reconnecting", state === "lost" ? `Lost since ${clock(lost)}` : "Reconnecting");
    if (state === "lost") poll();
  }
}

/** @param {number} at */
function clock(at) {
  return new Date(at).toLocaleTimeString("en-GB");
}

async function poll() {
  if (connected || document.visibilityState === "hidden" || Date.now() - lost < PATIENCE_MS) return;
  const reached = await all();
  if (connected) return;
  if (reached) {
    show("polled", "Live, every 5 s");
  } else {
    show("stale", `Stale since ${clock(lost)}`);
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
