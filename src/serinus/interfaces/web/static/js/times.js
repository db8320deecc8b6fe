// Times that run. The server wrote each one with its instant; here they go on from there.

/** How much the server's clock is ahead of the browser's, in milliseconds. */
const ahead = Date.parse(document.documentElement.dataset.now ?? "") - Date.now() || 0;

/**
 * Write a length of time as the server does: 8s, 4m10s, 2h05m, 3d.
 * @param {number} seconds
 * @returns {string}
 */
export function lasts(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) {
    const rest = whole % 60;
    return `${Math.floor(whole / 60)}m${rest ? `${String(rest).padStart(2, "0")}s` : ""}`;
  }
  if (whole < 86_400) {
    const rest = Math.floor((whole % 3600) / 60);
    return `${Math.floor(whole / 3600)}h${rest ? `${String(rest).padStart(2, "0")}m` : ""}`;
  }
  return `${Math.floor(whole / 86_400)}d`;
}

/**
 * @param {string} how
 * @param {number} at
 * @returns {string}
 */
function written(how, at) {
  const passed = (Date.now() + ahead - at) / 1000;
  if (how === "clock") return new Date(at).toLocaleTimeString("en-GB");
  if (how === "until") return passed < 0 ? lasts(-passed) : "any moment";
  if (passed < 3) return "just now";
  return `${lasts(passed >= 600 ? passed - (passed % 60) : passed)} ago`;
}

function run() {
  for (const one of document.querySelectorAll("time[data-runs]")) {
    const time = /** @type {HTMLTimeElement} */ (one);
    const text = written(time.dataset.runs ?? "", Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

/** Let the times of the page run. */
export function begin() {
  run();
  setInterval(run, 1000);
  document.addEventListener("patched", run);
}
