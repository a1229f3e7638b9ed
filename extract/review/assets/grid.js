// A table that can be sorted, filtered and copied. Rows come 150 at a time, as far as the reader scrolls.

const PAGE = 150;
const kept = new Map(); // how each table was sorted and filtered, while its document is open

// columns: {id, title, value(row) for sorting, filters and CSV, cell(row) what is shown, numeric, choose}
function grid({ id, columns, rows, target, caption }) {
  const state = kept.get(id) || { sort: null, down: false, words: "", chosen: {} };
  kept.set(id, state);
  const haystacks = new Map();
  const haystack = (row) => {
    if (!haystacks.has(row)) haystacks.set(row, columns.map((column) => plain(column, row)).join("\n").toLowerCase());
    return haystacks.get(row);
  };
  let now = [];
  let shown = 0;
  const body = el("tbody");
  const count = el("span", { class: "count", role: "status" });
  const rest = el("div", { class: "rest" });
  const watcher = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) more(); }, { rootMargin: "400px" });

  const more = () => {
    if (shown >= now.length) return;
    const page = document.createDocumentFragment();
    for (const row of now.slice(shown, shown + PAGE)) {
      const to = target(row);
      page.append(el("tr", { "data-to": to }, columns.map((column, place) => {
        const shownCell = column.cell ? column.cell(row) : plain(column, row);
        return el("td", { class: column.numeric ? "number" : column.wide ? "wide" : null },
          place === 0 ? el("a", { href: to }, shownCell) : shownCell);
      })));
    }
    body.append(page);
    shown += PAGE;
    rest.hidden = shown >= now.length;
    watcher.unobserve(rest);
    if (shown < now.length) watcher.observe(rest); // observed anew, it tells again if it is still in sight
  };

  const lay = () => {
    const parts = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    now = rows.filter((row) => Object.entries(state.chosen).every(([column, value]) => value === "" || String(columns.find((one) => one.id === column)?.value(row) ?? "") === value)
      && (!parts.length || parts.every((part) => haystack(row).includes(part))));
    const column = columns.find((one) => one.id === state.sort);
    if (column) {
      const way = state.down ? -1 : 1;
      const keys = new Map(now.map((row) => [row, key(column, row)]));
      now.sort((one, two) => compare(keys.get(one), keys.get(two), way));
    }
    body.replaceChildren();
    shown = 0;
    count.textContent = now.length === rows.length ? t("count", { count: digits(rows.length) }) : t("count.of", { count: digits(now.length), all: digits(rows.length) });
    for (const head of heads) {
      const on = head.dataset.column === state.sort;
      head.setAttribute("aria-sort", on ? (state.down ? "descending" : "ascending") : "none");
    }
    more();
  };

  const heads = columns.map((column) => el("th", { scope: "col", "data-column": column.id, class: column.numeric ? "number" : null },
    el("button", { type: "button", onclick: () => {
      if (state.sort !== column.id) { state.sort = column.id; state.down = false; } else if (!state.down) state.down = true; else { state.sort = null; state.down = false; }
      lay();
    } }, column.title)));

  const choices = columns.filter((column) => column.choose).map((column) => {
    const values = [...new Set(rows.map((row) => String(column.value(row) ?? "")))].sort();
    if (values.length < 2) { delete state.chosen[column.id]; return null; }
    const select = el("select", { "aria-label": column.title, onchange: (event) => { state.chosen[column.id] = event.target.value; lay(); } },
      el("option", { value: "" }, `${column.title}: ${t("all")}`),
      values.filter(Boolean).map((value) => el("option", { value }, column.label ? column.label(value) : value)));
    select.value = state.chosen[column.id] || "";
    return select;
  });

  const words = el("input", { type: "search", placeholder: t("filter"), "aria-label": t("filter"), class: "filter",
    oninput: debounce((event) => { state.words = event.target.value; lay(); }, 120) });
  words.value = state.words;

  const text = () => csv([columns.map((column) => column.csv || column.id), ...now.map((row) => columns.map((column) => column.raw ? column.raw(row) : column.value(row)))]);
  const node = el("div", { class: "grid", "data-grid": id },
    el("div", { class: "tools" }, words, choices, count,
      el("button", { type: "button", class: "copy", onclick: () => copy(text()).then(() => say(t("copied", { count: digits(now.length) }))) }, t("copy"))),
    el("div", { class: "scroll" }, el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, heads)), body), rest));
  body.addEventListener("click", (event) => {
    if (event.target.closest("a, button") || String(getSelection()).length) return;
    const row = event.target.closest("tr[data-to]");
    if (row) place.go(row.dataset.to);
  });
  body.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr");
    const next = event.key === "ArrowDown" ? row?.nextElementSibling : event.key === "ArrowUp" ? row?.previousElementSibling : null;
    if (next) { event.preventDefault(); next.querySelector("a")?.focus(); }
  });
  lay();
  return node;
}

function plain(column, row) {
  const value = column.value(row);
  return value === null || value === undefined ? "" : column.label ? column.label(String(value)) : String(value);
}

function key(column, row) {
  const value = column.key ? column.key(row) : column.value(row);
  if (value === null || value === undefined || value === "") return null;
  return column.numeric ? Number(value) : String(value);
}

const collator = new Intl.Collator("zh-CN", { numeric: true });

// Rows without a value stand last, whichever way is sorted.
function compare(one, two, way) {
  if (one === null || two === null) return one === two ? 0 : one === null ? 1 : -1;
  return way * (typeof one === "number" ? one - two : collator.compare(one, two));
}
