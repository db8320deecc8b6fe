// The line to the server: a shared worker where there is one, else a connection of this tab's own.
import { script } from "./html.js";

/**
 * @typedef {object} Listener
 * @property {(state: string) => void} state  "live" or "reconnecting"
 * @property {(change: {topic?: string, kind?: string}) => void} changed
 */

/**
 * Listen to what changes, for as long as the page is there.
 * @param {Listener} listener
 */
export function listen(listener) {
  /** @param {string} text */
  const heard = (text) => {
    try {
      listener.changed(JSON.parse(text));
    } catch (failure) {
      console.debug("not understood", text, failure);
    }
  };
  if (globalThis.SharedWorker) {
    try {
      shared(listener, heard);
      return;
    } catch (failure) {
      console.debug("no shared worker", failure);
    }
  }
  alone(listener, heard);
}

/**
 * @param {Listener} listener
 * @param {(text: string) => void} heard
 */
function shared(listener, heard) {
  const worker = new SharedWorker(script(new URL("./worker.js", import.meta.url).pathname));
  const { port } = worker;
  port.onmessage = ({ data }) => {
    if (data.state) listener.state(data.state);
    if (data.event) heard(data.event);
  };
  port.start();
  const seen = () => port.postMessage(document.visibilityState === "visible" ? "seen" : "hidden");
  document.addEventListener("visibilitychange", seen);
  addEventListener("pagehide", () => port.postMessage("bye"));
  addEventListener("pageshow", seen);
}

/**
 * @param {Listener} listener
 * @param {(text: string) => void} heard
 */
function alone(listener, heard) {
  /** @type {EventSource | null} */
  let source = null;
  const open = () => {
    source = new EventSource("/events");
    source.onopen = () => listener.state("live");
    source.onmessage = (event) => heard(event.data);
    source.onerror = () => {
      listener.state("reconnecting");
      if (source?.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    };
  };
  open();
  addEventListener("pagehide", () => source?.close());
}
