// The page: what is shown follows the part of the address after #: `d` the document, `r` the record, `tab` the tab.

const many = setup.documents.length > 1;
let opened = null; // the document that is open: { row, reading, text, panel, outline }
let hits = { words: "", spans: [], at: -1 };

const place = {
  now: () => new URLSearchParams(location.hash.slice(1)),
  base: () => (many && opened ? { d: opened.row.doc_id } : {}),
  go(hash) {
    if (hash === location.hash) follow(); else { history.pushState(null, "", hash); follow(); }
  },
};

const app = el("div", { id: "app" });
const said = el("div", { id: "said", class: "aside", role: "status", "aria-live": "polite" });
const pop = el("aside", { class: "card", id: "card", hidden: true, "aria-live": "polite" });
const helpBox = el("dialog", { class: "help", id: "help" });
document.body.append(app, pop, helpBox, said);

// --- the card beside a mark ---------------------------------------------------------------------------------------

let pinned = null;
let leaving = 0;
let pointing = 0;

function showCard(id, anchor, { pin = false } = {}) {
  if (!opened || (pinned && !pin)) return;
  clearTimeout(leaving);
  const content = card(opened.reading, id);
  if (!content) return;
  pinned = pin ? id : null;
  pop.dataset.of = id;
  dock(pin && innerWidth > 900);
  pop.replaceChildren(el("button", { type: "button", class: "close", "aria-label": t("close"), onclick: () => hideCard() }, "×"), ...content.flat(2).filter(Boolean));
  pop.hidden = false;
  pop.scrollTop = 0;
  if (!docked()) putCard(anchor);
}

// A pinned card stands below the tables, where it hides no text; on a narrow screen it stays beside its mark.
function dock(yes) {
  pop.classList.toggle("pinned", pinned !== null);
  if (yes === docked()) return;
  if (yes) opened.panel.node.append(pop); else document.body.append(pop);
  pop.removeAttribute("style");
}

const docked = () => pop.parentNode !== document.body;

function putCard(anchor) {
  const box = anchor?.getBoundingClientRect?.() || app.getBoundingClientRect();
  const { width, height } = pop.getBoundingClientRect();
  const below = box.bottom + 8 + height < innerHeight || box.top < height + 8;
  const top = below ? Math.min(box.bottom + 8, innerHeight - height - 8) : box.top - height - 8;
  pop.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  pop.style.top = `${Math.max(8, top)}px`;
}

function hideCard() {
  pinned = null;
  pop.hidden = true;
  dock(false);
  delete pop.dataset.of;
  if (opened) opened.text.light(null, []);
}

function point(id, anchor) {
  if (pinned) return;
  clearTimeout(leaving);
  clearTimeout(pointing);
  pointing = setTimeout(() => { light(id); showCard(id, anchor.isConnected ? anchor : anchorOf(id)); }, 60);
}

function leave() {
  clearTimeout(pointing);
  if (!pinned) leaving = setTimeout(hideCard, 250);
}

pop.addEventListener("mouseenter", () => clearTimeout(leaving));
pop.addEventListener("mouseleave", leave);

const anchorOf = (id) => {
  const at = opened.text.reading.place(id);
  return at ? opened.text.at(at.start)?.node.querySelector(`[data-r="${CSS.escape(id)}"]`) : null;
};

function light(id) {
  const { reading, text } = opened;
  const record = reading.records.get(id);
  const metric = id.startsWith("m") ? record : id.startsWith("q") ? (reading.metricsOf.get(id) || [])[0] : null;
  text.light(id, reading.parts(id), metric?.sentence || null);
}

// Show a record: light up all that takes part, bring it into sight, open its card.
function select(id, { focus = false, at = null } = {}) {
  const { reading, text, panel } = opened;
  const span = at || reading.place(id);
  if (!span) { say(t("no.place")); return; }
  if (at) text.light(`${id}@${at.start}`, [{ ...at, part: "value" }]); else light(id);
  const anchor = reading.text === null ? null : text.show(span, { focus });
  panel.mark(id);
  if (card(reading, id)) showCard(id, anchor?.isConnected ? anchor : anchorOf(id), { pin: true }); else { pinned = null; pop.hidden = true; dock(false); }
  outlineNow(span.start);
}

// --- what is shown ------------------------------------------------------------------------------------------------

let wanted = 0; // a document that comes late must not replace one asked for after it

async function follow() {
  const now = place.now();
  const row = many ? setup.documents.find((one) => one.doc_id === now.get("d")) : setup.documents[0];
  const asked = ++wanted;
  if (!row) { showOverview(now.get("tab")); return; }
  if (!opened || opened.row !== row) {
    close();
    kept.clear();
    app.replaceChildren(header(row), el("main", { class: "loading", role: "status" }, t("loading")));
    const name = `d${setup.documents.indexOf(row)}`;
    let data;
    try {
      data = await fetchBlock(name);
    } catch {
      if (asked === wanted) app.replaceChildren(header(row), broken(name));
      return;
    }
    if (asked !== wanted) return;
    showDocument(row, new Reading(data), now.get("tab"));
  }
  if (now.get("tab")) opened.panel.open(now.get("tab"));
  const id = now.get("r");
  if (id) {
    const [start, end] = (now.get("at") || "").split("-").map(Number);
    select(id, { at: end > start ? { start, end } : null, focus: !document.activeElement || document.activeElement === document.body });
  } else hideCard();
}

function close() {
  opened?.text.leave();
  opened = null;
  hits = { words: "", spans: [], at: -1 };
  highlight("hit", []);
  highlight("hit-now", []);
  highlight("sentence", []);
  pinned = null;
  pop.hidden = true;
  dock(false);
}

function showOverview(tab) {
  close();
  kept.clear();
  document.title = `extract · ${digits(setup.documents.length)}`;
  app.className = "list";
  app.replaceChildren(header(null), overview(tab, (id) => history.replaceState(null, "", id === "documents" ? "#" : `#tab=${id}`)));
  app.querySelector(".filter")?.focus();
}

function showDocument(row, reading, tab) {
  document.title = row.title || row.doc_id;
  app.className = "document";
  const text = new TextPane(reading, { onPick: pick, onPoint: point, onLeave: leave });
  const panel = new Panel(reading, tab, (id) => { const now = place.now(); now.set("tab", id); history.replaceState(null, "", `#${now}`); });
  const scroller = el("div", { class: "scroller", tabindex: "0", "aria-label": t("text") }, about(row, reading), text.node, printed(reading));
  const outline = outlineOf(reading);
  opened = { row, reading, text, panel, outline, scroller };
  app.replaceChildren(header(row), el("main", { class: "panes" }, outline.node, el("section", { class: "reader" }, legend(reading), scroller), splitter(), panel.node));
  text.watch(scroller);
  let ticking = false;
  scroller.addEventListener("scroll", () => {
    if (!pinned) pop.hidden = true;
    if (ticking) return;
    ticking = true;
    requestAnimationFrame(() => {
      ticking = false;
      if (!opened || opened.scroller !== scroller) return;
      outlineNow(text.top());
      if (pinned && !pop.hidden && !docked()) { const anchor = anchorOf(pinned); if (anchor) putCard(anchor); }
    });
  });
}

function pick(id, anchor) {
  if (String(getSelection()).length) return; // words are being marked to be copied
  if (!id) { hideCard(); return; }
  const now = place.now();
  now.set("r", id);
  now.delete("at");
  history.replaceState(null, "", `#${now}`);
  pinned = null;
  light(id);
  showCard(id, anchor?.isConnected ? anchor : anchorOf(id), { pin: true });
  opened.panel.mark(id);
  const [metric] = opened.reading.metricsOf.get(id) || [];
  if (metric) opened.panel.mark(metric.id);
}

// What the report is, and what it holds of figures, in a few words above it.
function about(row, reading) {
  const { document: info, source } = reading.report;
  const parts = [info.organisation, row.place, info.fiscal_year, word("genre", info.genre), `${digits(source.chars)} ${t("sum.chars")}`, source.path].filter(Boolean);
  return el("header", { class: "about-report" }, el("h1", {}, row.title || row.doc_id), el("p", {}, parts.map((part, at) => [at ? " · " : "", String(part)])));
}

// The findings once more below the text, for print only.
function printed(reading) {
  const { findings: found } = reading.report;
  return found.length ? el("section", { class: "print-only" }, el("h2", {}, t("tab.findings")), el("ol", {}, found.map((one) => el("li", {},
    `${LEVELS[one.severity] || ""} ${word("severity", one.severity)} · ${word("finding", one.rule)}: ${one.message} — ${short(reading.words(one), 160)}`)))) : null;
}

function outlineOf(reading) {
  const { sections } = reading.report;
  const counts = new Map();
  for (const finding of reading.report.findings) {
    for (let section = reading.sectionAt(finding.start); section; section = reading.section(section.parent)) counts.set(section.id, (counts.get(section.id) || 0) + 1);
  }
  const items = new Map();
  const list = el("ul", {}, sections.map((section) => {
    const item = el("li", { class: `depth-${Math.min(section.level, 5)}` }, el("a", { href: link(section.id), title: `${section.number}${section.title}` },
      `${section.number}${section.title}`), el("small", {}, word("type", section.type)), counts.has(section.id) ? el("span", { class: "badge", title: t("tab.findings") }, String(counts.get(section.id))) : null);
    items.set(section.id, item);
    return item;
  }));
  return { node: el("nav", { class: "outline", "aria-label": t("outline") }, el("h2", {}, t("outline")), sections.length ? list : el("p", { class: "nothing" }, t("nothing"))), items, current: null };
}

function outlineNow(at) {
  const { outline, reading } = opened;
  const section = reading.sectionAt(at);
  const item = section ? outline.items.get(section.id) : null;
  if (item === outline.current) return;
  outline.current?.classList.remove("current");
  outline.current?.querySelector("a").removeAttribute("aria-current");
  outline.current = item;
  if (!item) return;
  item.classList.add("current");
  item.querySelector("a").setAttribute("aria-current", "true");
  const { node } = outline;
  if (item.offsetTop < node.scrollTop || item.offsetTop + item.offsetHeight > node.scrollTop + node.clientHeight) node.scrollTop = item.offsetTop - node.clientHeight / 3;
}

// Which kinds are highlighted; a click hides and shows them.
function legend(reading) {
  const { report } = reading;
  const off = new Set((memory.get("hidden") || "").split(" ").filter(Boolean));
  const apply = () => { for (const name of new Set([...off, ...kinds.map(([name]) => name)])) opened?.text.node.classList.toggle(`no-${name}`, off.has(name)); };
  const has = (names) => report.quantities.some((one) => names.includes(one.kind)) || report.entities.some((one) => names.includes(one.type));
  const kinds = LEGEND.filter(([, , names]) => !names || has(names)).filter(([name]) => name !== "finding" || report.findings.length);
  queueMicrotask(apply);
  return el("div", { class: "legend", role: "group", "aria-label": t("legend") }, kinds.map(([name, look]) => el("button", {
    type: "button", "aria-pressed": String(!off.has(name)), onclick: (event) => {
      if (off.has(name)) off.delete(name); else off.add(name);
      event.currentTarget.setAttribute("aria-pressed", String(!off.has(name)));
      memory.set("hidden", [...off].join(" "));
      apply();
    } }, el("span", { class: look }, t(`legend.${name}`)))));
}

const LEGEND = [
  ["money", "q q-money", ["money"]], ["count", "q q-count", ["count"]], ["rate", "q q-rate", ["rate", "percentage_point", "multiple"]],
  ["other", "q q-measure", ["measure", "duration", "score", "number"]], ["date", "e e-DATE", ["DATE"]], ["name", "e e-ORG", ["ORG", "PLACE", "PERSON"]],
  ["document", "e e-POLICY", ["POLICY", "DOC_NO", "PROJECT", "GROUP"]], ["indicator", "i", null], ["finding", "f f-error", null],
];

function splitter() {
  const set = (share) => { document.documentElement.style.setProperty("--panel", `${share}%`); memory.set("panel", share); };
  const share = Number(memory.get("panel"));
  if (share >= 15 && share <= 75) set(share);
  let now = share || 42;
  const bar = el("div", { class: "splitter", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": t("splitter") });
  const move = (event) => { now = Math.min(75, Math.max(15, 100 - (event.clientX / innerWidth) * 100)); set(Math.round(now)); };
  bar.addEventListener("pointerdown", (event) => { bar.setPointerCapture(event.pointerId); bar.addEventListener("pointermove", move); event.preventDefault(); });
  bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", move));
  bar.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: 4, ArrowRight: -4 }[event.key];
    if (way) { now = Math.min(75, Math.max(15, now + way)); set(now); event.preventDefault(); }
  });
  return bar;
}

// --- the bar at the top -------------------------------------------------------------------------------------------

function header(row) {
  const number = row ? setup.documents.indexOf(row) : -1;
  const neighbour = (step, sign, name) => {
    const other = setup.documents[number + step];
    return el("a", { class: "button", "data-step": step, href: other ? toDocument(other) : null, "aria-label": t(name), title: t(name), "aria-disabled": other ? null : "true" }, sign);
  };
  return el("header", { class: "top" },
    many ? el("a", { class: "button", href: "#", title: t("back") }, `≡ ${t("tab.documents")}`) : el("b", { class: "brand" }, "extract"),
    many && row ? [neighbour(-1, "‹", "previous"), neighbour(1, "›", "next")] : null,
    el("span", { class: "title" }, row ? row.title || row.doc_id : t("title", { count: digits(setup.documents.length) })),
    row ? el("form", { class: "search", role: "search", onsubmit: (event) => { event.preventDefault(); step(event.submitter?.value === "back"); } },
      el("input", { type: "search", id: "search", placeholder: t("search"), "aria-label": t("search"), oninput: debounce((event) => search(event.target.value), 150),
        onkeydown: (event) => { if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); step(true); } else if (event.key === "Escape") { event.target.value = ""; search(""); event.target.blur(); } } }),
      el("output", { id: "hits" }), el("button", { type: "submit", value: "next", title: t("hit.next"), "aria-label": t("hit.next") }, "↓"),
      el("button", { type: "submit", value: "back", title: t("hit.back"), "aria-label": t("hit.back") }, "↑")) : null,
    el("button", { type: "button", id: "theme", title: t("theme"), "aria-label": t("theme"), onclick: turnTheme }, themeSign()),
    el("button", { type: "button", id: "language", lang: language === "zh" ? "en" : "zh-CN", onclick: turnLanguage }, language === "zh" ? "English" : "中文"),
    el("button", { type: "button", id: "keys", title: t("help"), "aria-label": t("help"), onclick: help }, "?"));
}

function search(words) {
  if (!opened) return;
  if (words === hits.words) return;
  hits = { words, spans: opened.text.search(words), at: -1 };
  highlight("hit-now", []);
  // Only the stretches in which something is found get ranges; ten thousand are as many as anyone steps through.
  highlight("hit", opened.text.ranges(hits.spans.slice(0, 2000)));
  tellHits();
  if (hits.spans.length) {
    const from = opened.text.top();
    hits.at = Math.max(0, hits.spans.findIndex((span) => span.start >= from)) - 1;
    step(false);
  }
}

function step(back) {
  const input = document.getElementById("search");
  if (input && input.value !== hits.words) { search(input.value); return; }
  const { spans } = hits;
  if (!spans.length) return;
  hits.at = (hits.at + (back ? -1 : 1) + spans.length) % spans.length;
  hideCard();
  opened.text.show(spans[hits.at]);
  // Marks drawn meanwhile have replaced the nodes that the ranges were in.
  highlight("hit", opened.text.ranges(spans.slice(0, 2000)));
  highlight("hit-now", opened.text.ranges([spans[hits.at]]));
  tellHits();
}

function tellHits() {
  const node = document.getElementById("hits");
  if (node) node.textContent = hits.words.trim() ? `${hits.at + 1} / ${hits.spans.length}` : "";
}

const THEMES = ["auto", "light", "dark"];
let theme = THEMES.includes(memory.get("theme")) ? memory.get("theme") : "auto";
const themeSign = () => ({ auto: "◐", light: "☀", dark: "☾" })[theme];

function setTheme() { document.documentElement.dataset.theme = theme; }

function turnTheme(event) {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  memory.set("theme", theme);
  setTheme();
  event.currentTarget.textContent = themeSign();
  say(t(`theme.${theme}`));
}

function turnLanguage() {
  language = language === "zh" ? "en" : "zh";
  memory.set("language", language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const at = opened?.text.top();
  const tab = opened?.panel.tab;
  const was = opened;
  if (was) {
    close();
    showDocument(was.row, was.reading, tab);
    if (was.reading.text !== null && at) opened.text.show({ start: at, end: at + 1 });
  } else showOverview(place.now().get("tab"));
  document.getElementById("language").focus();
}

function help() {
  const keys = ["/", "n p", "f F", "j k", "[ ]", "1–8", "Enter", "Esc", "?"];
  helpBox.replaceChildren(el("h2", {}, t("help")), el("dl", { class: "facts" }, keys.map((key, at) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, t(`key.${at + 1}`))])),
    el("p", { class: "about" }, t("help.safe")), el("form", { method: "dialog" }, el("button", {}, t("close"))));
  if (!helpBox.open) helpBox.showModal();
}

// --- keys ---------------------------------------------------------------------------------------------------------

function jump(kinds, back) {
  const { text, reading } = opened;
  const id = pop.dataset.of;
  const here = id ? reading.place(id)?.start : null;
  const next = text.step(kinds, here ?? (back ? text.top() : text.top() - 1), back) || null;
  if (!next) { say(t("no.more")); return; }
  history.replaceState(null, "", link(next.id));
  select(next.id, { focus: true });
}

const KEYS = {
  "/": () => document.getElementById("search")?.focus(),
  n: () => jump("q", false), p: () => jump("q", true), f: () => jump("f", false), F: () => jump("f", true),
  j: () => opened.scroller.scrollBy({ top: opened.scroller.clientHeight * 0.8 }), k: () => opened.scroller.scrollBy({ top: -opened.scroller.clientHeight * 0.8 }),
  "[": () => document.querySelector('[data-step="-1"][href]')?.click(), "]": () => document.querySelector('[data-step="1"][href]')?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { if (!pop.hidden) hideCard(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || helpBox.open || event.target.closest?.("input, select, textarea")) return;
  if (event.key === "?") { help(); return; }
  if (!opened) { if (event.key === "/") { event.preventDefault(); app.querySelector(".filter")?.focus(); } return; }
  const tab = /^[1-9]$/.test(event.key) ? opened.panel.tabs[Number(event.key) - 1] : null;
  if (tab) opened.panel.buttons.get(tab.id).click();
  else if (Object.hasOwn(KEYS, event.key)) { event.preventDefault(); KEYS[event.key](); }
});

document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault(); // all links are places of this page; following one twice shows it twice
  place.go(anchor.getAttribute("href"));
});

addEventListener("popstate", follow); // also when the address is edited by hand
addEventListener("beforeprint", () => opened?.text.markAll());

document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
setTheme();
follow();
