// Charts are drawn by the server. Here a cursor follows the pointer, at the same time in all of them,
// and says beside each what the row of its table says.

const FINE_S = 900;
const DAY_S = 86_400;

let at = 0; // epoch seconds, 0 while nobody points

/** Write the times below the charts as this browser's clock has them. */
function label() {
  for (const plot of document.querySelectorAll(".plot")) {
    const span = plot.dataset.to - plot.dataset.from;
    for (const text of plot.querySelectorAll("[data-at]")) {
      const time = new Date(text.dataset.at * 1000);
      const clock = time.toLocaleTimeString("en-GB");
      const day = `${String(time.getMonth() + 1).padStart(2, "0")}-${String(time.getDate()).padStart(2, "0")} `;
      text.textContent = (span > DAY_S ? day : "") + (span > FINE_S ? clock.slice(0, 5) : clock);
    }
  }
}

/**
 * @param {string} check
 * @returns {HTMLTableRowElement | undefined} the row nearest to the cursor
 */
function nearest(check) {
  const rows = [...document.querySelectorAll(`#table-${CSS.escape(check)} tr[data-at]`)];
  const far = (row) => Math.abs(row.dataset.at - at);
  return rows.reduce((best, row) => (best && far(best) <= far(row) ? best : row), undefined);
}

function point() {
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const { from, to } = figure.querySelector(".plot").dataset;
    const row = at >= from && at <= to ? nearest(figure.dataset.chart) : undefined;
    const cursor = figure.querySelector(".cursor");
    for (const end of ["x1", "x2"]) {
      if (row) cursor.setAttribute(end, `${(100 * (row.dataset.at - from)) / (to - from)}%`);
      else cursor.removeAttribute(end);
    }
    const [time, ...said] = [...(row?.cells ?? [])].map((cell) => cell.textContent);
    const [candidate, requests, stable, others] = said;
    figure.querySelector(".readout").textContent = !row
      ? ""
      : others
        ? `${time}: candidate ${candidate} of ${requests}, stable ${stable} of ${others}`
        : `${time}: candidate ${candidate}, stable ${requests}`;
  }
}

/** @param {PointerEvent} event */
function moved(event) {
  const plot = event.target instanceof Element ? event.target.closest(".plot") : null;
  if (!plot && !at) return;
  at = 0;
  if (plot) {
    const box = plot.getBoundingClientRect();
    const { from, to } = plot.dataset;
    at = Number(from) + ((to - from) * (event.clientX - box.left)) / box.width;
  }
  point();
}

document.addEventListener("pointermove", moved);
document.addEventListener("patched", () => {
  label();
  point();
});
label();
