// One connection for all tabs of a browser: HTTP/1.1 allows six to one server, and each tab would take one.

/** @type {Map<MessagePort, boolean>} */
const ports = new Map(); // and whether its page is seen
/** @type {EventSource | null} */
let source = null;
let state = "reconnecting";
let again = 0;

const RETRY_MS = 2000;
const HIDDEN_MS = 30_000;

/** @param {object} message */
function tell(message) {
  for (const port of ports.keys()) port.postMessage(message);
}

/** @param {string} found */
function become(found) {
  state = found;
  tell({ state });
}

function open() {
  if (source) return;
  source = new EventSource("/events");
  source.onopen = () => become("live");
  source.onmessage = (event) => tell({ event: event.data });
  source.onerror = () => {
    become("reconnecting");
    if (source && source.readyState === EventSource.CLOSED) {
      close();
      clearTimeout(again);
      again = setTimeout(open, RETRY_MS);
    }
  };
}

function close() {
  source?.close();
  source = null;
}

function look() {
  clearTimeout(again);
  if ([...ports.values()].some(Boolean)) open();
  else again = setTimeout(close, HIDDEN_MS);
}

/** @param {MessagePort} port */
function join(port) {
  ports.set(port, true);
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port);
    else ports.set(port, data === "seen");
    look();
  };
  port.postMessage({ state });
  look();
}

/** @type {any} */ (globalThis).onconnect = (/** @type {MessageEvent} */ event) => join(event.ports[0]);
