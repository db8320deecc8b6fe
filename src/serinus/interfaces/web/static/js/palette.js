// Find a page or a verb by a few letters. It does nothing itself: it leads to where one can.
import { element, icon } from "./html.js";

const WAIT_MS = 120;

/** @typedef {{word: string, about: string, icon: string, url: string}} Found */

/** Let the palette find. */
export function begin() {
  const dialog = document.getElementById("palette");
  const input = document.getElementById("find");
  const list = document.getElementById("found");
  if (!(dialog instanceof HTMLDialogElement) || !(input instanceof HTMLInputElement) || !list) return;
  for (const one of document.querySelectorAll(".find")) one.removeAttribute("hidden");
  let at = 0;
  let waiting = 0;
  let asked = 0;

  /** @returns {HTMLElement[]} */
  const options = () => [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[role=option]"))];

  /** @param {number} to */
  const choose = (to) => {
    const all = options();
    at = all.length ? (to + all.length) % all.length : 0;
    all.forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    input.setAttribute("aria-activedescendant", all[at]?.id ?? "");
    all[at]?.scrollIntoView({ block: "nearest" });
  };

  /** @param {Found[]} found */
  const show = (found) => {
    list.replaceChildren(
      ...found.map((one, index) => {
        const made = element("li", { role: "option", id: `found-${index}`, "data-url": one.url });
        made.append(icon(one.icon), element("span", {}, one.word), element("span", { class: "dim small" }, one.about));
        return made;
      }),
    );
    if (!found.length) list.append(element("li", { class: "dim none", role: "option" }, "Nothing has that name."));
    choose(0);
  };

  const look = async () => {
    const mine = ++asked;
    const answer = await fetch(`/_part/find?${new URLSearchParams({ q: input.value })}`).catch(() => null);
    if (answer?.ok && mine === asked) show(await answer.json());
  };

  const go = () => {
    const url = options()[at]?.dataset.url;
    if (!url) return;
    dialog.close();
    location.assign(url);
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at - 1);
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const one = /** @type {Element} */ (event.target).closest("[role=option]");
    at = options().findIndex((other) => other === one);
    go();
  });
  new MutationObserver(() => {
    if (!dialog.open) return;
    input.value = "";
    look();
  }).observe(dialog, { attributeFilter: ["open"] });
}
