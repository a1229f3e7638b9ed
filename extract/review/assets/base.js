// What all else uses: elements, words, numbers, what is remembered. Nothing here parses HTML, and nothing may.

const setup = JSON.parse(document.getElementById("setup").textContent);

function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A browser may refuse storage to pages from a disk; then nothing is remembered.
const memory = {
  get(key) {
    try { return localStorage.getItem(`extract.${key}`); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(`extract.${key}`, value); } catch { /* not remembered */ }
  },
};

let language = memory.get("language") || ((navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en");

// The words of an id, `{name}` replaced by values; an id without words (a new kind of record) stands for itself.
function t(id, values) {
  const both = setup.words[id];
  let text = both ? both[language === "zh" ? 0 : 1] : id.slice(id.indexOf(".") + 1);
  for (const [name, value] of Object.entries(values || {})) text = text.replaceAll(`{${name}}`, String(value));
  return text;
}

const word = (group, id) => (id === null || id === undefined ? "" : t(`${group}.${id}`));

// Decimals come as strings of digits, so that none is rounded; only plots and sorting turn them into numbers.
const number = (decimal) => (decimal === null || decimal === undefined ? null : Number(decimal));

function digits(decimal) {
  if (decimal === null || decimal === undefined) return "";
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(String(decimal)) || [null, "", String(decimal), ""];
  return sign.replace("-", "−") + whole.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
}

const SIGNS = { "=": "", ">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< " };

function amount(decimal, unit, comparator) {
  if (decimal === null || decimal === undefined) return "";
  const tight = unit === "%" || unit === "‰" || !unit;
  return `${SIGNS[comparator] || ""}${digits(decimal)}${tight ? unit || "" : ` ${unit}`}`;
}

const flat = (text) => text.replace(/\s+/g, " ").trim();
const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function debounce(job, wait) {
  let timer = 0;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => job(...values), wait); };
}

// Documents that stand in files of their own: each file calls `extractReview(name, data)`.
const arrived = new Map();
const policy = setup.folder && window.trustedTypes
  ? window.trustedTypes.createPolicy("review-data", {
      createScriptURL(url) {
        if (/^[^/\\?#:]+\/(d\d+|findings)\.js$/.test(url)) return url;
        throw new TypeError("not a data file of this page");
      },
    })
  : { createScriptURL: (url) => url };

if (setup.folder) Object.defineProperty(window, "extractReview", { value: (name, data) => arrived.set(name, data) });

// Blocks of data are JSON as gzip in base64.
function unpack(data) {
  const letters = atob(data);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

async function fetchBlock(name) {
  if (!setup.folder) return unpack(document.getElementById(name).textContent);
  return new Promise((resolve, reject) => {
    const script = el("script");
    script.src = policy.createScriptURL(`${encodeURIComponent(setup.folder)}/${name}.js`);
    script.addEventListener("load", () => {
      script.remove();
      if (arrived.has(name)) resolve(unpack(arrived.get(name))); else reject(new Error(name));
      arrived.delete(name);
    });
    script.addEventListener("error", () => { script.remove(); reject(new Error(name)); });
    document.head.append(script);
  });
}

function csv(rows) {
  const cell = (value) => {
    let text = value === null || value === undefined ? "" : String(value);
    // A spreadsheet would run a cell that begins so; a figure is left as it is.
    if (/^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+%?$/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(cell).join(",")).join("\n")}\n`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "aside", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

const say = (text) => {
  const node = document.getElementById("said");
  if (node) node.textContent = text;
};
