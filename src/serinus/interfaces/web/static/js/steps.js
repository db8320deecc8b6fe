// The steps of a release are one stop of the Tab key; arrows lead from step to step.

const WAYS = new Map(Object.entries({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity }));

/** Let Tab reach the step that has the focus, else the one where the release is. */
function rove() {
  for (const rail of document.querySelectorAll(".steps")) {
    const steps = /** @type {HTMLElement[]} */ ([...rail.children]);
    const focused = steps.find((one) => one === document.activeElement);
    const here = focused ?? steps.find((one) => one.hasAttribute("aria-current")) ?? steps[0];
    for (const one of steps) one.tabIndex = one === here ? 0 : -1;
  }
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const way = WAYS.get(event.key);
  const step = event.target;
  if (!way || !(step instanceof HTMLElement) || !step.matches(".steps > li")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const steps = /** @type {HTMLElement[]} */ ([...(step.parentElement?.children ?? [])]);
  const at = Math.min(steps.length - 1, Math.max(0, steps.indexOf(step) + way));
  event.preventDefault();
  steps[at].focus();
  rove();
}

/** Listen to the arrows. */
export function begin() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("patched", rove);
  rove();
}
