// Logs stay at their end, unless somebody reads further up.

/** @type {WeakMap<Element, boolean>} */
const read = new WeakMap();

function end() {
  for (const one of document.querySelectorAll(".loglines")) {
    if (!read.get(one)) one.scrollTop = one.scrollHeight;
  }
}

/** @param {Event} event */
function scrolled(event) {
  const one = event.target;
  if (!(one instanceof Element) || !one.matches(".loglines")) return;
  read.set(one, one.scrollHeight - one.scrollTop - one.clientHeight > 40);
}

/** Show the last lines, and go on showing them. */
export function begin() {
  document.addEventListener("scroll", scrolled, true);
  document.addEventListener("patched", end);
  end();
}
