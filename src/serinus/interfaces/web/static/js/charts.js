// Charts of a release: the same points as the server drew, with a cursor that tells what they are.
import { element } from "./html.js";
import { twin } from "./tables.js";

/**
 * @typedef {{at: number, stable: number | null, candidate: number | null, low: number | null, high: number | null,
 *   requests: number, stableRequests: number}} Point
 * @typedef {{check: string, kind: string, seconds: number, points: Point[], boundMs: number | null,
 *   limit: number | null}} Line
 * @typedef {{at: number, title: string}} Mark
 */

const HEIGHT = 150;
const LEAST = 0.0005;
const ROOM = 1.15;
const FINE_S = 900;
const EVERY_MS = 4000;

/** @type {Map<string, {plot: any, figure: HTMLElement, line: Line}>} */
const drawn = new Map();
/** @type {Mark[]} */
let marks = [];
/** @type {number[]} */
let taken = [];
let tag = "";
let asked = 0;
let waiting = 0;

/** @returns {HTMLElement | null} */
function page() {
  return document.querySelector("[data-series]");
}

/**
 * Look up a colour of ours as it is in this theme.
 * @param {string} name
 * @param {number} alpha
 */
function colour(name, alpha = 1) {
  const probe = document.createElement("i");
  probe.style.color = `color-mix(in oklch, var(--${name}) ${alpha * 100}%, transparent)`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/**
 * Write a share as such, and what a metric source says as a number.
 * @param {number | null | undefined} value
 * @param {Line} line
 */
function written(value, line) {
  if (value === null || value === undefined) return "–";
  if (line.kind === "query") return Number(value.toPrecision(3)).toLocaleString("en");
  return `${Number((value * 100).toPrecision(2))} %`;
}

/**
 * @param {number} at
 * @param {{min: number, max: number}} scale
 */
function clock(at, scale) {
  const text = new Date(at * 1000).toLocaleTimeString("en-GB");
  return scale.max - scale.min > FINE_S ? text.slice(0, 5) : text;
}

/** @param {Line} line */
function top(line) {
  return Math.max(...values(line), line.kind === "query" ? 1e-9 : LEAST) * ROOM;
}

/** @param {Line} line */
function values(line) {
  return [0, line.limit ?? 0, ...line.points.flatMap((point) => [point.stable ?? 0, point.candidate ?? 0])];
}

/** @param {Line} line */
function columns(line) {
  const highest = top(line);
  /** @param {Point} point */
  const told = (point) => point.high !== null && point.high <= highest;
  return [
    line.points.map((point) => point.at),
    line.points.map((point) => point.stable),
    line.points.map((point) => (told(point) ? point.high : null)),
    line.points.map((point) => (told(point) ? point.low : null)),
    line.points.map((point) => point.candidate),
    line.points.map(() => line.limit),
  ];
}

/** @param {any} plot */
function steps(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  /** @param {number} at */
  const line = (at) => {
    const x = Math.round(plot.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  };
  ctx.strokeStyle = colour("edge");
  ctx.setLineDash([2, 4]);
  for (const mark of marks) line(mark.at);
  ctx.strokeStyle = colour("bad");
  ctx.setLineDash([]);
  for (const at of taken) line(at);
  ctx.restore();
}

/**
 * @param {any} plot
 * @param {Line} line
 * @param {HTMLElement} place
 */
function tell(plot, line, place) {
  const point = line.points[plot.cursor.idx ?? -1];
  if (!point) {
    place.textContent = "";
    return;
  }
  const at = new Date(point.at * 1000).toLocaleTimeString("en-GB");
  const [candidate, stable] = [written(point.candidate, line), written(point.stable, line)];
  place.textContent =
    line.kind === "query"
      ? `${at}: candidate ${candidate}, stable ${stable}`
      : `${at}: candidate ${candidate} of ${point.requests.toLocaleString("en")},` +
        ` stable ${stable} of ${point.stableRequests.toLocaleString("en")}`;
}

/**
 * @param {HTMLElement} figure
 * @param {Line} line
 */
function draw(figure, line) {
  const place = /** @type {HTMLElement} */ (figure.querySelector(".plot"));
  const said = figure.querySelector(".readout") ?? element("span", { class: "readout" });
  figure.querySelector("figcaption")?.append(said);
  figure.hidden = false;
  place.classList.add("alive");
  place.replaceChildren();
  const mine = { plot: /** @type {any} */ (null), figure, line };
  const axis = { stroke: colour("dim"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const plain = { points: { show: false }, spanGaps: false };
  mine.plot = new /** @type {any} */ (globalThis).uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      padding: [8, 24, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "release" }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: { y: { range: () => [Math.min(...values(mine.line)), top(mine.line)] } },
      axes: [
        { ...axis, font, size: 24, space: 80, values: (/** @type {any} */ plot, /** @type {number[]} */ at) => at.map((one) => clock(one, plot.scales.x)) },
        { ...axis, font, size: 48, space: 32, values: (/** @type {any} */ _, /** @type {number[]} */ all) => all.map((one) => written(one, line)) },
      ],
      series: [
        {},
        { stroke: colour("stable"), width: 2, spanGaps: false },
        { ...plain, width: 0 },
        { ...plain, width: 0 },
        { stroke: colour("canary"), width: 2, spanGaps: false },
        { ...plain, stroke: colour("bad"), width: 1.5, dash: [5, 5] },
      ],
      bands: [{ series: [2, 3], fill: colour("canary", 0.16) }],
      hooks: {
        draw: [steps],
        setCursor: [(/** @type {any} */ plot) => tell(plot, mine.line, /** @type {HTMLElement} */ (said))],
      },
    },
    columns(line),
    place,
  );
  if (line.kind === "query") twin(figure, () => mine.line.points, (value) => written(value, mine.line));
  drawn.set(line.check, mine);
}

/** @param {Line[]} lines */
function show(lines) {
  for (const line of lines) {
    const figure = document.querySelector(`[data-chart="${CSS.escape(line.check)}"]`);
    if (!(figure instanceof HTMLElement) || !line.points.length) continue;
    const mine = drawn.get(line.check);
    if (mine && mine.figure === figure) {
      mine.line = line;
      mine.plot.setData(columns(line));
    } else {
      draw(figure, line);
    }
  }
}

function soon() {
  const left = asked + EVERY_MS - Date.now();
  if (left <= 0) look();
  else if (!waiting) waiting = setTimeout(look, left);
}

async function look() {
  clearTimeout(waiting);
  waiting = 0;
  asked = Date.now();
  const url = page()?.dataset.series;
  if (!url || !document.querySelector("[data-chart]")) return;
  /** @type {Record<string, string>} */
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(url, { headers, cache: "no-store" }).catch(() => null);
  if (answer?.status !== 200) return;
  tag = answer.headers.get("etag") ?? "";
  const found = await answer.json();
  marks = found.marks;
  taken = found.taken;
  show(found.lines);
}

function again() {
  for (const { figure, line, plot } of [...drawn.values()]) {
    plot.destroy();
    draw(figure, line);
  }
}

new ResizeObserver(() => {
  for (const { plot, figure } of drawn.values()) {
    const width = figure.querySelector(".plot")?.clientWidth ?? 0;
    if (width && Math.abs(width - plot.width) > 1) plot.setSize({ width, height: HEIGHT });
  }
}).observe(document.body);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
document.addEventListener("themed", again);
document.addEventListener("patched", () => {
  if ([...document.querySelectorAll("[data-chart]")].some((one) => !drawn.has(/** @type {HTMLElement} */ (one).dataset.chart ?? ""))) tag = "";
  soon();
});
look();
