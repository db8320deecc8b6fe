// The line to the server: a shared worker where there is one, else a connection of this tab's own.
// The server says every 15 s at least that it is there: a line on which nothing comes for long is dead, whatever
// the browser believes of it, and is opened again.
import { script } from "./html.js";

const SILENT_MS = 40_000;
const LOOK_MS = 5000;

/**
 * @typedef {object} Listener
 * @property {(state: string, since: number) => void} state  "live", "reconnecting", or "lost": silent since then
 * @property {(change: {topic?: string, kind?: string}) => void} changed
 */

/**
 * What comes by a line: each of it is a sign of life.
 * @typedef {(sign: {state?: string, event?: string}) => void} Hear
 */

/**
 * Listen to what changes, for as long as the page is there.
 * @param {Listener} listener
 */
export function listen(listener) {
  let heard = Date.now();
  let live = false;
  const again = connect(({ state, event }) => {
    heard = Date.now();
    if (state) {
      live = state === "live";
      listener.state(state, heard);
    }
    if (event) told(listener, event);
  });
  setInterval(() => {
    if (document.visibilityState === "hidden" || Date.now() - heard < SILENT_MS) return;
    if (live) listener.state("lost", heard);
    live = false;
    heard = Date.now(); // the next one is given as long
    again();
  }, LOOK_MS);
  document.addEventListener("visibilitychange", () => {
    heard = Date.now(); // a page that nobody sees is let sleep
  });
}

/**
 * @param {Listener} listener
 * @param {string} text
 */
function told(listener, text) {
  try {
    listener.changed(JSON.parse(text));
  } catch (failure) {
    console.debug("not understood", text, failure);
  }
}

/**
 * @param {Hear} hear
 * @returns {() => void} what opens the line again
 */
function connect(hear) {
  if (globalThis.SharedWorker) {
    try {
      return shared(hear);
    } catch (failure) {
      console.debug("no shared worker", failure);
    }
  }
  return alone(hear);
}

/** @param {Hear} hear */
function shared(hear) {
  const worker = new SharedWorker(script(new URL("./worker.js", import.meta.url).pathname));
  const { port } = worker;
  let line = 0; // which of the worker's this is: tabs that find the same one dead open one more, not many
  port.onmessage = ({ data }) => {
    line = data.line;
    hear(data);
  };
  port.start();
  const seen = () => port.postMessage(document.visibilityState === "visible" ? "seen" : "hidden");
  document.addEventListener("visibilitychange", seen);
  addEventListener("pagehide", () => port.postMessage("bye"));
  addEventListener("pageshow", seen);
  return () => port.postMessage(line);
}

/** @param {Hear} hear */
function alone(hear) {
  /** @type {EventSource | null} */
  let source = null;
  const open = () => {
    source?.close();
    const mine = new EventSource("/events");
    source = mine;
    mine.onopen = () => hear({ state: "live" });
    mine.onmessage = (event) => hear({ event: event.data });
    mine.addEventListener("beat", () => hear({}));
    mine.onerror = () => {
      hear({ state: "reconnecting" });
      if (mine.readyState === EventSource.CLOSED) setTimeout(() => mine === source && open(), 2000);
    };
  };
  open();
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", ({ persisted }) => persisted && open());
  return open;
}
