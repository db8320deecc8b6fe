// The twin of a chart that only a script can draw: the same points as a table.
import { element } from "./html.js";

/** @typedef {{at: number, stable: number | null, candidate: number | null}} Point */

/**
 * Put a table beside a figure, and fill it whenever somebody opens it.
 * @param {HTMLElement} figure
 * @param {() => Point[]} points
 * @param {(value: number | null) => string} written
 */
export function twin(figure, points, written) {
  if (figure.querySelector("details")) return;
  const details = /** @type {HTMLDetailsElement} */ (element("details", { "data-table": "" }));
  const place = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${figure.dataset.chart} as a table` });
  details.append(element("summary", {}, "Show as table"), place);
  details.addEventListener("toggle", () => {
    if (details.open) place.replaceChildren(table(points(), written));
  });
  figure.append(details);
}

/**
 * @param {Point[]} points
 * @param {(value: number | null) => string} written
 */
function table(points, written) {
  const made = element("table");
  const head = element("tr");
  head.append(element("th", {}, "time"), element("th", { class: "n" }, "candidate"), element("th", { class: "n" }, "stable"));
  made.append(element("thead"), element("tbody"));
  made.firstElementChild?.append(head);
  for (const point of [...points].reverse()) {
    const row = element("tr");
    row.append(
      element("td", {}, new Date(point.at * 1000).toLocaleTimeString("en-GB")),
      element("td", { class: "n" }, written(point.candidate)),
      element("td", { class: "n" }, written(point.stable)),
    );
    made.lastElementChild?.append(row);
  }
  return made;
}
