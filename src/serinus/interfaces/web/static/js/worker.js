// One connection for all tabs of a browser: HTTP/1.1 allows six to one server, and each tab would take one.

/** @type {Map<MessagePort, boolean>} */
const ports = new Map(); // and whether its page is seen
/** @type {EventSource | null} */
let source = null;
let state = "reconnecting";
let again = 0;
let line = 0; // how many have been opened

const RETRY_MS = 2000;
const HIDDEN_MS = 30_000;

/** @param {object} message */
function tell(message) {
  for (const port of ports.keys()) port.postMessage({ ...message, line });
}

/** @param {string} found */
function become(found) {
  state = found;
  tell({ state });
}

function open() {
  if (source) return;
  line += 1;
  source = new EventSource("/events");
  source.onopen = () => become("live");
  source.onmessage = (event) => tell({ event: event.data });
  source.addEventListener("beat", () => tell({}));
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

/** Nothing has come for long: whatever the browser believes of this line, it is dead. */
function silent() {
  close();
  become("reconnecting");
}

/** @param {MessagePort} port */
function join(port) {
  ports.set(port, true);
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port);
    else if (typeof data === "string") ports.set(port, data === "seen");
    else if (data === line) silent();
    look();
  };
  port.postMessage({ state, line });
  look();
}

/** @type {any} */ (globalThis).onconnect = (/** @type {MessageEvent} */ event) => join(event.ports[0]);
