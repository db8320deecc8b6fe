// Text of our own server becomes nodes here, and nowhere else: the one policy of Trusted Types.

/** @type {{createHTML(text: string): any, createScriptURL(url: string): any}} */
const rules = {
  createHTML: (text) => text,
  createScriptURL: (url) => {
    if (!new URL(url, location.href).href.startsWith(`${location.origin}/static/`)) {
      throw new TypeError(`${url} is not a script of ours`);
    }
    return url;
  },
};

/** @type {{createPolicy(name: string, given: typeof rules): typeof rules} | undefined} */
const factory = /** @type {any} */ (globalThis).trustedTypes;
const policy = factory ? factory.createPolicy("live", rules) : rules;

/**
 * Read a piece of a page that our server wrote. Scripts in it do not run.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function parse(text) {
  return new DOMParser().parseFromString(policy.createHTML(text), "text/html").body;
}

/**
 * Say that a script is one of ours.
 * @param {string} url
 * @returns {any}
 */
export function script(url) {
  return policy.createScriptURL(url);
}

/**
 * Make an element with a text in it.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {string} text
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

/**
 * Make an icon of the sprite.
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const sprite = new URL("../icons.svg", import.meta.url).pathname;
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  made.append(use);
  return made;
}

/**
 * Tell a person something that just happened.
 * @param {string} text
 */
export function toast(text) {
  const place = document.getElementById("toasts");
  const made = element("p", { class: "toast" }, text);
  place?.append(made);
  setTimeout(() => made.remove(), 4000);
}
