// The tabs beside the text: tables of what was read, plots, the tables of the report.

const spanText = (reading, metric) => reading.quantity(metric)?.text || "";
const numbered = (id) => Number(id.slice(1)) || 0;
const typeOf = (reading, record) => reading.section(record.section)?.type ?? null;

const idColumn = (title) => ({ id: "id", title, value: (row) => row.id, key: (row) => numbered(row.id), numeric: true, csv: "id" });

const sectionColumn = (reading) => ({
  id: "section_type", title: t("column.section"), value: (row) => typeOf(reading, row), label: (value) => word("type", value), choose: true,
  raw: (row) => typeOf(reading, row),
});

const decimal = (id, title, value, shown) => ({ id, title, numeric: true, value, cell: (row) => shown(row) || "" });

const TABS = [
  { id: "findings", rows: (report) => report.findings, make: findingTable },
  { id: "metrics", rows: (report) => report.metrics, make: metricTable },
  { id: "pairs", rows: (report) => report.pairs, make: pairTable },
  { id: "changes", rows: (report) => report.changes, make: changeTable },
  { id: "breakdowns", rows: (report) => report.breakdowns, make: breakdownTable },
  { id: "entities", rows: (report) => report.entities, make: entityTable },
  { id: "tables", rows: (report) => report.tables, make: tableList },
  { id: "plots", rows: (report) => [...report.pairs, ...report.breakdowns, ...report.changes], make: (reading) => plots(reading), uncounted: true },
];

function findingTable(reading) {
  const order = { error: 0, warning: 1, info: 2 };
  const rows = [...reading.report.findings].sort((one, two) => (order[one.severity] ?? 3) - (order[two.severity] ?? 3) || one.start - two.start);
  if (!rows.length) return [el("p", { class: "nothing" }, t("nothing.findings"))];
  return [grid({ id: "findings", rows, caption: t("tab.findings"), target: (row) => link(row.id), columns: [
    idColumn(t("column.id")),
    { id: "severity", title: t("column.severity"), value: (row) => row.severity, label: (value) => word("severity", value), key: (row) => String(order[row.severity] ?? 3), choose: true,
      raw: (row) => row.severity, cell: (row) => el("span", { class: `level ${row.severity}` }, `${LEVELS[row.severity] || ""} ${word("severity", row.severity)}`) },
    { id: "rule", title: t("column.rule"), value: (row) => row.rule, label: (value) => word("finding", value), raw: (row) => row.rule, choose: true },
    { id: "message", title: t("column.message"), value: (row) => row.message, wide: true },
    { id: "words", title: t("column.words"), value: (row) => reading.words(row), cell: (row) => short(reading.words(row), 60) },
    decimal("stated", t("fact.stated"), (row) => row.stated, (row) => digits(row.stated)),
    decimal("expected", t("fact.expected"), (row) => row.expected, (row) => digits(row.expected)),
    decimal("tolerance", t("fact.tolerance"), (row) => row.tolerance, (row) => digits(row.tolerance)),
    { id: "refs", title: t("refs"), value: (row) => row.refs.join(" "), cell: (row) => row.refs.slice(0, 6).map((ref) => [el("a", { href: link(ref), title: flat(refChip(reading, ref).textContent) }, ref), " "]).concat(row.refs.length > 6 ? "…" : "") },
  ] })];
}

function metricTable(reading) {
  return [grid({ id: "metrics", rows: reading.report.metrics, caption: t("tab.metrics"), target: (row) => link(row.id), columns: [
    idColumn(t("column.id")),
    { id: "indicator", title: t("fact.indicator"), value: (row) => row.indicator?.text ?? null, wide: true },
    { id: "role", title: t("fact.role"), value: (row) => row.role, label: (value) => word("role", value), raw: (row) => row.role, choose: true,
      cell: (row) => el("span", { class: `role role-${row.role}` }, word("role", row.role)) },
    { id: "text", title: t("column.words"), value: (row) => spanText(reading, row), key: (row) => row.value, csv: "text" },
    decimal("value", t("fact.value"), (row) => row.value, (row) => `${SIGNS[row.comparator] || ""}${digits(row.value)}`),
    { id: "unit", title: t("column.unit"), value: (row) => row.unit, choose: true },
    { id: "kind", title: t("column.kind"), value: (row) => row.kind, label: (value) => word("kind", value), raw: (row) => row.kind, choose: true },
    { id: "period", title: t("fact.period"), value: (row) => row.period?.text ?? null, key: (row) => row.period?.start || row.period?.text, cell: (row) => row.period ? el("span", { title: period(row.period) }, row.period.text) : "" },
    { id: "subject", title: t("fact.subject"), value: (row) => row.subject },
    { id: "indicator_id", title: t("fact.id"), value: (row) => row.indicator?.id ?? null },
    sectionColumn(reading),
    { id: "source", title: t("fact.source"), value: (row) => row.source, label: (value) => word("source", value), raw: (row) => row.source, choose: true },
    { id: "rule", title: t("column.rule"), value: (row) => row.rule, cell: (row) => code(row.rule) },
  ] })];
}

function pairTable(reading) {
  return [grid({ id: "pairs", rows: reading.report.pairs, caption: t("tab.pairs"), target: (row) => link(row.id), columns: [
    idColumn(t("column.id")),
    { id: "indicator", title: t("fact.indicator"), value: (row) => row.indicator?.text ?? null, wide: true },
    { id: "target", title: t("side.target"), value: (row) => row.target?.text ?? null, key: (row) => row.target?.value ?? row.implied_target, numeric: true, cell: (row) => side(row, "target") },
    { id: "actual", title: t("side.actual"), value: (row) => row.actual?.text ?? null, key: (row) => row.actual?.value, numeric: true, cell: (row) => side(row, "actual") },
    { id: "bars", title: t("column.bars"), value: (row) => percentOf(row), key: (row) => row.completion ?? row.computed_completion, numeric: true, cell: (row) => pairBars(row, 110) || "" },
    decimal("completion", t("fact.completion"), (row) => row.completion, (row) => row.completion === null ? "" : `${digits(row.completion)}%`),
    decimal("computed_completion", t("fact.computed"), (row) => row.computed_completion, (row) => row.computed_completion === null ? "" : `${digits(row.computed_completion)}%`),
    { id: "met", title: t("fact.met"), value: (row) => row.met, label: (value) => (value === "null" || value === "" ? "" : t(`met.${value}`)), raw: (row) => row.met, choose: true,
      cell: (row) => row.met === null ? "" : el("span", { class: `sign ${met(row)}` }, `${metSign(row)} ${t(`met.${row.met}`)}`) },
    { id: "basis", title: t("column.basis"), value: (row) => row.basis, label: (value) => word("basis", value), raw: (row) => row.basis, choose: true },
    sectionColumn(reading),
    { id: "rule", title: t("column.rule"), value: (row) => row.rule, cell: (row) => code(row.rule) },
  ] })];
}

function changeTable(reading) {
  const part = (name) => ({ id: name, title: t(`move.${name}`), numeric: true, value: (row) => reading.metric(row[name])?.value ?? null,
    cell: (row) => row[name] ? el("a", { href: link(row[name]) }, spanText(reading, reading.metric(row[name]))) : "" });
  return [grid({ id: "changes", rows: reading.report.changes, caption: t("tab.changes"), target: (row) => link(row.id), columns: [
    idColumn(t("column.id")),
    { id: "indicator", title: t("fact.indicator"), value: (row) => row.indicator?.text ?? null, wide: true },
    { id: "direction", title: t("column.direction"), value: (row) => row.direction, label: (value) => word("direction", value), raw: (row) => row.direction, choose: true,
      cell: (row) => `${{ increase: "▲", decrease: "▼", flat: "＝" }[row.direction] || ""} ${word("direction", row.direction)}` },
    ...MOVES.map(part),
    { id: "bars", title: t("column.bars"), value: () => "", cell: (row) => changeBars(reading, row, 110) || "" },
    { id: "base_period", title: t("fact.base"), value: (row) => row.base_period?.text ?? null },
    sectionColumn(reading),
    { id: "rule", title: t("column.rule"), value: (row) => row.rule, cell: (row) => code(row.rule) },
  ] })];
}

function breakdownTable(reading) {
  const name = (id) => reading.metric(id)?.indicator?.text ?? "";
  return [grid({ id: "breakdowns", rows: reading.report.breakdowns, caption: t("tab.breakdowns"), target: (row) => link(row.id), columns: [
    idColumn(t("column.id")),
    { id: "total", title: t("move.total"), value: (row) => name(row.total), wide: true },
    { id: "value", title: t("fact.value"), value: (row) => spanText(reading, reading.metric(row.total)), key: (row) => reading.metric(row.total)?.value, numeric: true },
    { id: "parts", title: t("move.part"), value: (row) => row.parts.map((part) => `${name(part.metric)} ${spanText(reading, reading.metric(part.metric))}`).join("; "), wide: true,
      cell: (row) => row.parts.map((part, at) => [at ? "; " : "", el("a", { href: link(part.metric) }, `${name(part.metric)} ${spanText(reading, reading.metric(part.metric))}`)]) },
    { id: "bars", title: t("column.bars"), value: () => "", cell: (row) => breakdownBar(reading, row, 160) || "" },
    sectionColumn(reading),
  ] })];
}

function entityTable(reading) {
  return [grid({ id: "entities", rows: reading.report.entities, caption: t("tab.entities"), target: (row) => link(row.id), columns: [
    idColumn(t("column.id")),
    { id: "type", title: t("fact.type"), value: (row) => row.type, label: (value) => word("entity", value), raw: (row) => row.type, choose: true },
    { id: "text", title: t("column.words"), value: (row) => row.text, wide: true },
    { id: "norm", title: t("fact.norm"), value: (row) => row.norm },
    sectionColumn(reading),
  ] })];
}

const MOST_CELLS = 4000; // of one table at first

function tableList(reading) {
  const { tables } = reading.report;
  return tables.map((table) => {
    const places = new Map(table.cells.map((cell) => [`${cell.row}-${cell.column}`, cell]));
    const draw = (most) => {
      const heads = table.header.length;
      const covered = new Set(); // places that a merged cell stretches over
      let left = most;
      const rows = [];
      for (const [number, row] of table.rows.entries()) {
        if (left <= 0) break;
        left -= row.length;
        rows.push(el("tr", {}, row.map((text, column) => {
          if (covered.has(`${number}-${column}`)) return null;
          const cell = places.get(`${number}-${column}`);
          const [down, across] = [Math.min(cell?.rowspan || 1, table.rows.length - number), Math.min(cell?.colspan || 1, row.length - column)];
          for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) covered.add(`${number + y}-${column + x}`);
          const name = number < heads && sameRow(table.header[number], row) ? "th" : "td";
          return el(name, { rowspan: down > 1 ? down : null, colspan: across > 1 ? across : null },
            cell && cell.end > cell.start ? el("a", { href: `#${new URLSearchParams({ ...place.base(), r: table.id, at: `${cell.start}-${cell.end}` })}` }, text) : text);
        })));
      }
      return [rows, left <= 0 && rows.length < table.rows.length];
    };
    const fillIn = (holder, most) => {
      const [rows, partly] = draw(most);
      holder.replaceChildren(el("table", { class: "report-table" }, el("tbody", {}, rows)),
        ...(partly ? [el("button", { type: "button", onclick: () => fillIn(holder, Infinity) }, t("more", { count: table.rows.length - rows.length }))] : []));
    };
    const holder = el("div", { class: "scroll" });
    // A table is drawn when it is opened: a report may have hundreds.
    return el("details", { class: "table", "data-id": table.id, ontoggle: (event) => { if (event.target.open && !holder.firstChild) fillIn(holder, MOST_CELLS); } },
      el("summary", {}, el("a", { href: link(table.id) }, table.id), " ", table.caption || short(flat(table.rows[0]?.join(" ") || ""), 60), " ",
        el("small", {}, `${table.rows.length} × ${table.rows[0]?.length || 0}`)), holder);
  });
}

const sameRow = (one, two) => one !== undefined && one.join("\n") === two.join("\n");

class Panel {
  constructor(reading, tab, onTab) {
    this.reading = reading;
    this.body = el("div", { class: "panel-body", role: "tabpanel", id: "panel-body", tabindex: "-1" });
    const present = TABS.filter((one) => one.id === "findings" || one.rows(reading.report).length);
    this.tabs = present;
    this.buttons = new Map(present.map((one) => [one.id, el("button", {
      type: "button", role: "tab", "data-tab": one.id, "aria-controls": "panel-body", onclick: () => { this.open(one.id); onTab(one.id); },
    }, t(`tab.${one.id}`), one.uncounted ? null : el("small", {}, ` ${digits(one.rows(reading.report).length)}`))]));
    const list = el("div", { class: "tabs", role: "tablist", "aria-label": t("tabs"), onkeydown: (event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!way) return;
      const ids = present.map((one) => one.id);
      const next = ids[(ids.indexOf(this.tab) + way + ids.length) % ids.length];
      this.open(next);
      onTab(next);
      this.buttons.get(next).focus();
    } }, [...this.buttons.values()]);
    this.node = el("section", { class: "panel", "aria-label": t("tabs") }, list, this.body);
    const first = reading.report.findings.length ? "findings" : "metrics";
    this.open(this.buttons.has(tab) ? tab : this.buttons.has(first) ? first : present[0].id);
  }

  open(id) {
    if (id === this.tab || !this.buttons.has(id)) return;
    this.tab = id;
    for (const [name, button] of this.buttons) {
      button.setAttribute("aria-selected", String(name === id));
      button.tabIndex = name === id ? 0 : -1;
    }
    this.body.replaceChildren(...TABS.find((one) => one.id === id).make(this.reading));
    this.body.scrollTop = 0;
  }

  // The row of a record, where its table shows it.
  mark(id) {
    for (const row of this.body.querySelectorAll("tr.current")) row.classList.remove("current");
    const to = link(id);
    const row = [...this.body.querySelectorAll("tr[data-to]")].find((one) => one.dataset.to === to);
    row?.classList.add("current");
  }
}
