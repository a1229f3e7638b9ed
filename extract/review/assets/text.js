// The text as written. Lines stand there as plain text at once; a stretch gets its marks when it comes into sight, is
// jumped to or printed, so that a long report opens at once.

const STRETCH = 1200; // characters; a longer line is cut into several stretches, so that lighting up a word draws little
const BLOCK = 3000; // characters of the lines that are laid out and marked together
const WIDE = 30; // characters of a line on the screen, roughly: how high a block is before it has been seen

class TextPane {
  constructor(reading, { onPick, onPoint, onLeave }) {
    this.reading = reading;
    this.lit = [];
    this.litId = null;
    this.stretches = [];
    this.starts = [];
    this.asked = 0;
    this.node = el("div", { class: "text", lang: "zh-CN", role: "document" });
    this.marks = reading.text === null ? [] : marks(reading);
    if (reading.text === null) this.#explain(); else this.#lay();
    const id = (event) => event.target.closest?.("[data-r]")?.dataset.r;
    this.node.addEventListener("mouseover", (event) => { const found = id(event); if (found) onPoint(found, event.target.closest("[data-r]")); });
    this.node.addEventListener("mouseout", (event) => { if (id(event)) onLeave(); });
    this.node.addEventListener("click", (event) => { const found = id(event); onPick(found || null, event.target.closest?.("[data-r]")); });
    this.node.addEventListener("focusin", (event) => { const found = id(event); if (found) onPoint(found, event.target); });
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        const found = id(event);
        if (found) { event.preventDefault(); onPick(found, event.target); }
      }
    });
  }

  #explain() {
    const { source } = this.reading.report;
    this.node.append(el("div", { class: "gone", role: "note" },
      el("h2", {}, t(`gone.${this.reading.problem}`)), el("p", {}, t("gone.where", { path: source.path })), el("p", {}, t("gone.what"))));
  }

  #lay() {
    const { text, report } = this.reading;
    const places = [];
    const headings = new Map(report.sections.map((section) => [section.heading.start, section]));
    const tables = report.tables;
    let table = 0;
    const lines = /\r\n|\r|\n/g;
    const page = document.createDocumentFragment();
    let block = null;
    const close = () => {
      if (!block) return;
      block.node.style.containIntrinsicSize = `auto ${Math.round(block.rows * 29)}px`;
      page.append(block.node);
      block = null;
    };
    for (let start = 0; start <= text.length;) {
      const found = lines.exec(text);
      const end = found ? found.index : text.length;
      while (table < tables.length && tables[table].end <= start) table++;
      const section = headings.get(start + /^\s*/.exec(text.slice(start, Math.min(end, start + 40)))[0].length);
      const classes = [section ? `level-${Math.min(section.level, 5)}` : null, end === start ? "empty" : null,
        table < tables.length && tables[table].start < end && tables[table].end > start ? "in-table" : null].filter(Boolean);
      let line = null;
      for (let from = start; from <= end;) {
        const to = cut(text, from, end);
        // A line without end, as some readers make them, goes on in the next block.
        if (!block) { block = { node: el("div", { class: "block" }), rows: 0, length: 0, stretches: [] }; block.node.block = block; line = null; }
        if (!line) { line = el("p", { class: classes.join(" ") || null }); block.node.append(line); }
        if (to > from) {
          const node = el("span", {}, text.slice(from, to));
          const stretch = { start: from, end: to, node, block, marks: null, done: false };
          node.stretch = stretch;
          this.stretches.push(stretch);
          block.stretches.push(stretch);
          places.push(from);
          line.append(node);
        }
        block.length += to - from;
        block.rows += end === start ? 0.4 : Math.ceil((to - from) / WIDE);
        if (block.length > BLOCK || block.node.childNodes.length > 60) close();
        if (to >= end) break;
        from = to;
      }
      if (!found) break;
      start = found.index + found[0].length;
    }
    close();
    this.node.append(page);
    this.starts = places;
    for (const mark of this.marks) {
      for (let at = Math.max(0, before(places, mark.start + 1) - 1); at < places.length && places[at] < mark.end; at++) {
        const stretch = this.stretches[at];
        if (stretch.end > mark.start) (stretch.marks ||= []).push(mark);
      }
    }
  }

  // Marks come where the reader is; `root` is what scrolls.
  watch(root) {
    this.root = root;
    for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) root.addEventListener(name, () => { this.asked++; }, { passive: true });
    this.observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        this.observer.unobserve(entry.target);
        for (const stretch of entry.target.block.stretches) this.#mark(stretch);
      }
    }, { root, rootMargin: "600px 0px" });
    for (const node of this.node.children) if (node.block) this.observer.observe(node);
  }

  leave() { this.observer?.disconnect(); }

  markAll() { for (const stretch of this.stretches) this.#mark(stretch); }

  #mark(stretch) {
    if (stretch.done) return;
    stretch.done = true;
    if (stretch.marks || this.lit.length) this.#draw(stretch);
  }

  #draw(stretch) {
    const { text } = this.reading;
    const lit = this.lit.filter((span) => span.start < stretch.end && span.end > stretch.start);
    const all = stretch.marks ? [...stretch.marks] : [];
    const borders = new Set([stretch.start, stretch.end]);
    for (const mark of [...all, ...lit]) {
      borders.add(Math.max(mark.start, stretch.start));
      borders.add(Math.min(mark.end, stretch.end));
    }
    const cuts = [...borders].sort((one, two) => one - two);
    all.sort((one, two) => one.start - two.start);
    const pieces = [];
    let active = [];
    let next = 0;
    for (let at = 0; at + 1 < cuts.length; at++) {
      const [from, to] = [cuts[at], cuts[at + 1]];
      active = active.filter((mark) => mark.end > from);
      while (next < all.length && all[next].start <= from) { if (all[next].end > from) active.push(all[next]); next++; }
      const parts = lit.filter((span) => span.start <= from && span.end >= to);
      const words = text.slice(from, to);
      if (!active.length && !parts.length) { pieces.push(words); continue; }
      const top = active.reduce((best, mark) => (best === null || mark.rank > best.rank ? mark : best), null);
      const classes = [...active.map((mark) => mark.look), ...parts.map((span) => `lit lit-${span.part}`)];
      const opens = top && top.rank > 0;
      const first = opens && top.start === from;
      pieces.push(el("span", {
        class: classes.join(" "),
        "data-r": opens ? top.id : null,
        tabindex: first ? "-1" : null,
        role: first ? "button" : null,
      }, words));
    }
    stretch.node.replaceChildren(...pieces);
  }

  at(place) { return this.stretches[Math.max(0, before(this.starts, place + 1) - 1)] || null; }

  #over(span) {
    const found = [];
    for (let at = Math.max(0, before(this.starts, span.start + 1) - 1); at < this.stretches.length; at++) {
      if (this.stretches[at].start >= span.end) break;
      if (this.stretches[at].end > span.start) found.push(this.stretches[at]);
    }
    return found;
  }

  // Light up spans `{start, end, part}`; those lit before go out.
  light(id, spans, sentence) {
    if (this.reading.text === null || this.litId === id) return;
    this.litId = id;
    const touched = new Set([...this.lit, ...spans].flatMap((span) => this.#over(span)));
    const focus = document.activeElement?.dataset?.r;
    const focusIn = focus && this.node.contains(document.activeElement) ? stretchOf(document.activeElement) : null;
    this.lit = spans;
    for (const stretch of touched) { stretch.done = true; this.#draw(stretch); }
    // The element that had the focus has been drawn anew.
    if (focusIn && touched.has(focusIn.stretch)) focusIn.querySelector(`[data-r="${focus}"]`)?.focus({ preventScroll: true });
    highlight("sentence", sentence ? this.ranges([sentence]) : []);
  }

  ranges(spans) {
    return spans.map((span) => {
      const range = document.createRange();
      const [from, to] = [this.#point(span.start, false), this.#point(span.end, true)];
      if (from && to) { range.setStart(...from); range.setEnd(...to); }
      return range;
    });
  }

  // The text node and the place in it where a place of the text stands.
  #point(place, isEnd) {
    const stretch = this.at(isEnd ? Math.max(0, place - 1) : place);
    if (!stretch) return null;
    let left = Math.min(Math.max(0, place - stretch.start), stretch.end - stretch.start);
    const walker = document.createTreeWalker(stretch.node, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left < node.length || (isEnd && left === node.length)) return [node, left];
      left -= node.length;
    }
    return [stretch.node, stretch.node.childNodes.length];
  }

  // Bring a place into sight and give the element there.
  show(span, { focus = false } = {}) {
    const stretch = this.at(span.start);
    if (!stretch) return null;
    this.#mark(stretch);
    const find = () => {
      let at = stretch.start;
      for (const child of stretch.node.childNodes) {
        const length = child.textContent.length;
        if (at + length > span.start) return child;
        at += length;
      }
      return stretch.node;
    };
    const bring = () => {
      const range = this.ranges([{ start: span.start, end: span.start + 1 }])[0];
      const box = range.getBoundingClientRect();
      const frame = this.root.getBoundingClientRect();
      if (box.top < frame.top + 40 || box.bottom > frame.bottom - 60) this.root.scrollTop += box.top - frame.top - frame.height * 0.35;
    };
    (stretch.node.parentNode || this.node).scrollIntoView({ block: "center" });
    // Blocks that come into sight get their true height and their marks, and move what stands below them: the place is
    // held for some frames, unless the reader scrolls.
    const asked = ++this.asked;
    let frames = 12;
    const hold = () => {
      if (asked !== this.asked || !this.root.isConnected || frames-- <= 0) return;
      bring();
      requestAnimationFrame(hold);
    };
    hold();
    const child = find();
    if (focus && child instanceof Element) child.focus({ preventScroll: true });
    return child instanceof Element ? child : null;
  }

  // The place of the first character in sight.
  top() {
    if (!this.root || !this.stretches.length) return 0;
    const edge = this.root.getBoundingClientRect().top + 24;
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.stretches[middle].node.getBoundingClientRect().bottom < edge) low = middle + 1; else high = middle;
    }
    return this.stretches[low].start;
  }

  // The next or previous mark whose id begins with one of `kinds`, from a place on.
  step(kinds, from, back) {
    const wanted = this.marks.filter((mark) => mark.rank > 0 && kinds.includes(mark.id[0]));
    const found = back ? wanted.findLast((mark) => mark.start < from) : wanted.find((mark) => mark.start > from);
    return found || null;
  }

  // All places of some words, white space in the text left aside.
  search(words) {
    const wanted = words.replace(/\s+/g, "");
    if (!wanted || this.reading.text === null) return [];
    const pattern = [...wanted].map((char) => char.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("\\s*");
    const found = [];
    for (const match of this.reading.text.matchAll(new RegExp(pattern, "giu"))) {
      found.push({ start: match.index, end: match.index + match[0].length });
      if (found.length >= 10000) break;
    }
    return found;
  }
}

function stretchOf(node) {
  while (node && !node.stretch) node = node.parentNode;
  return node;
}

function highlight(name, ranges) {
  if (!window.CSS?.highlights) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges)); else CSS.highlights.delete(name);
}

function cut(text, from, end) {
  if (end - from <= STRETCH * 1.5) return end;
  const stop = text.lastIndexOf("。", from + STRETCH);
  const at = stop > from ? stop + 1 : from + STRETCH;
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code < 0xdc00 ? at + 1 : at; // no character is cut in two
}

// What is marked: `look` are its classes; of several marks in one place the one of highest `rank` opens, 0 none.
function marks(reading) {
  const { report } = reading;
  const found = [];
  for (const { id, heading, level } of report.sections) found.push({ start: heading.start, end: heading.end, id, look: `h h-${Math.min(level, 5)}`, rank: 0 });
  for (const { id, start, end, type } of report.entities) found.push({ start, end, id, look: `e e-${type}`, rank: 2 });
  for (const { id, start, end, kind } of report.quantities) found.push({ start, end, id, look: `q q-${kind}`, rank: 4 });
  for (const id of reading.phrases.keys()) found.push({ ...phraseSpan(id), id, look: "i", rank: 1 });
  // The figure in a finding still opens as a figure, which lists the finding; its other words open the finding.
  for (const { id, start, end, severity } of report.findings) found.push({ start, end, id, look: `f f-${severity}`, rank: 3 });
  return found.filter((mark) => mark.end > mark.start).sort((one, two) => one.start - two.start || two.end - one.end);
}
