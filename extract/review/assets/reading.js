// One document: its records by id, how they hang together, and where each stands in the text.

class Reading {
  constructor(data) {
    this.report = data.report;
    this.text = data.text;
    this.problem = data.problem;
    if (this.text !== null) this.#toUnits();
    const { report } = this;
    this.records = new Map();
    for (const name of ["sections", "tables", "entities", "quantities", "metrics", "pairs", "changes", "breakdowns",
      "findings"]) {
      for (const record of report[name]) this.records.set(record.id, record);
    }
    this.metricsOf = group(report.metrics, (metric) => [metric.quantity]);
    this.pairsOf = group(report.pairs, (pair) => [pair.target?.metric, pair.actual?.metric]);
    this.changesOf = group(report.changes, (change) => MOVES.map((name) => change[name]));
    this.breakdownsOf = group(report.breakdowns, (one) => [one.total, ...one.parts.flatMap((part) => [part.metric, part.share])]);
    this.findingsOf = group(report.findings, (finding) => finding.refs);
    this.phrases = group(report.metrics.filter((metric) => metric.indicator), (metric) => [phraseId(metric.indicator)]);
  }

  // Offsets count code points, JavaScript counts UTF-16 units: they differ after the first rare character.
  #toUnits() {
    const rare = [];
    for (let unit = 0, count = 0; unit < this.text.length; unit++) {
      const code = this.text.charCodeAt(unit);
      if (code >= 0xd800 && code < 0xdc00 && unit + 1 < this.text.length) { rare.push(unit - count); count++; unit++; }
    }
    if (!rare.length) return;
    const units = (place) => place + before(rare, place);
    const walk = (value) => {
      if (value === null || typeof value !== "object") return;
      for (const [key, inner] of Object.entries(value)) {
        if ((key === "start" || key === "end") && typeof inner === "number") value[key] = units(inner);
        else walk(inner);
      }
    };
    walk(this.report);
  }

  metric(id) { return id ? this.records.get(id) || null : null; }
  quantity(metric) { return metric ? this.records.get(metric.quantity) || null : null; }
  section(id) { return id ? this.records.get(id) || null : null; }
  words(span) { return this.text === null || !span ? "" : flat(this.text.slice(span.start, span.end)); }

  sectionAt(place) {
    let found = null;
    for (const section of this.report.sections) {
      if (section.start > place) break;
      if (place < section.end) found = section;
    }
    return found;
  }

  // The place a record is looked for at: what a jump shows first.
  place(id) {
    if (id.startsWith("i")) return phraseSpan(id);
    const record = this.records.get(id);
    if (!record) return null;
    if (id.startsWith("m")) return this.quantity(record);
    if (id.startsWith("s")) return record.heading;
    return record;
  }

  // All places that take part in a record, each with the part it plays; those of a metric light up together.
  parts(id) {
    const found = new Map();
    const add = (span, part) => {
      if (span && span.end > span.start && !found.has(`${span.start}-${span.end}`)) found.set(`${span.start}-${span.end}`, { start: span.start, end: span.end, part });
    };
    const metric = (one, part) => {
      if (!one) return;
      const figure = this.quantity(one);
      add(figure, part || "value");
      add(one.indicator, "indicator");
      if (one.period) add(this.#nearest("DATE", one.period.text, figure), "period");
      if (one.subject) add(this.#nearest("ORG", one.subject, figure) || this.#nearest("PLACE", one.subject, figure), "subject");
    };
    const walk = (ref, part, depth) => {
      const record = this.records.get(ref);
      if (ref.startsWith("i")) {
        for (const one of this.phrases.get(ref) || []) metric(one, part);
      } else if (!record || depth > 2) {
        return;
      } else if (ref.startsWith("q")) {
        add(record, part || "value");
        for (const one of this.metricsOf.get(ref) || []) metric(one, part);
      } else if (ref.startsWith("m")) {
        metric(record, part);
      } else if (ref.startsWith("p")) {
        for (const side of ["target", "actual"]) {
          if (record[side]?.metric) metric(this.metric(record[side].metric), side);
          else add(record[side], side);
        }
        add(record.indicator, "indicator");
      } else if (ref.startsWith("c")) {
        for (const name of MOVES) metric(this.metric(record[name]), name);
        add(record.indicator, "indicator");
      } else if (ref.startsWith("b")) {
        metric(this.metric(record.total), "total");
        for (const one of record.parts) { metric(this.metric(one.metric), "part"); metric(this.metric(one.share), "share"); }
      } else if (ref.startsWith("f")) {
        add(record, "finding");
        for (const one of record.refs) walk(one, null, depth + 1);
      } else {
        add(this.place(ref), part || "value");
      }
    };
    walk(id, null, 0);
    return [...found.values()].sort((one, two) => one.start - two.start);
  }

  // The name in the text that a period or subject was taken from: the last one before the figure, else the next.
  #nearest(type, text, figure) {
    if (!figure) return null;
    let last = null;
    for (const entity of this.report.entities) {
      if (entity.type !== type || entity.text !== text) continue;
      if (entity.start > figure.end) return last || entity;
      last = entity;
    }
    return last;
  }

  // Findings in which a record takes part, by itself or by what it belongs to.
  findingsFor(ids) {
    const found = new Map();
    for (const id of ids) for (const finding of this.findingsOf.get(id) || []) found.set(finding.id, finding);
    return [...found.values()];
  }
}

const MOVES = ["current", "previous", "delta", "rate"];

const phraseId = (indicator) => `i${indicator.start}-${indicator.end}`;

function phraseSpan(id) {
  const [start, end] = id.slice(1).split("-").map(Number);
  return { start, end };
}

function group(records, keys) {
  const found = new Map();
  for (const record of records) {
    for (const key of new Set(keys(record))) {
      if (!key) continue;
      if (found.has(key)) found.get(key).push(record); else found.set(key, [record]);
    }
  }
  return found;
}

// How many of the sorted numbers are smaller than `place`.
function before(sorted, place) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < place) low = middle + 1; else high = middle;
  }
  return low;
}
