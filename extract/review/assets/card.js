// What was understood of one mark: the card that stands beside it.

const link = (id) => `#${new URLSearchParams({ ...place.base(), r: id })}`;

function card(reading, id) {
  const record = reading.records.get(id);
  if (id.startsWith("i")) return phraseCard(reading, id);
  if (!record) return null;
  switch (id[0]) {
    case "q": return quantityCard(reading, record);
    case "m": return quantityCard(reading, reading.quantity(record) || record);
    case "e": return entityCard(reading, record);
    case "f": return [findingBlock(reading, record)];
    case "p": return [pairBlock(reading, record), findings(reading, [record.id])];
    case "c": return [changeBlock(reading, record), findings(reading, [record.id])];
    case "b": return [breakdownBlock(reading, record), findings(reading, [record.id])];
    case "s": return sectionCard(record);
    default: return null;
  }
}

function facts(rows) {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length));
  return el("dl", { class: "facts" }, shown.map(([name, ...value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

const code = (text) => (text ? el("code", {}, text) : null);

function sectionFact(reading, id) {
  const section = reading.section(id);
  if (!section) return null;
  return [el("a", { href: link(section.id) }, `${section.number}${short(section.title, 40)}`), " ", el("small", {}, word("type", section.type))];
}

function quantityCard(reading, quantity) {
  const metrics = reading.metricsOf.get(quantity.id) || [];
  const range = quantity.low !== null || quantity.high !== null;
  const exact = range
    ? `${amount(quantity.low, quantity.unit)} – ${amount(quantity.high, quantity.unit)}`
    : amount(quantity.value, quantity.unit, quantity.comparator);
  const ids = [quantity.id];
  const blocks = [];
  for (const metric of metrics) {
    ids.push(metric.id);
    blocks.push(facts([
      [t("fact.indicator"), metric.indicator ? [el("b", {}, metric.indicator.text), " ", code(metric.indicator.id)] : el("i", {}, t("unknown"))],
      [t("fact.role"), el("span", { class: `role role-${metric.role}` }, word("role", metric.role)), " ", el("small", {}, metric.role)],
      [t("fact.value"), `${metric.approx ? t("about") : ""}${range ? exact : amount(metric.value, metric.unit, metric.comparator)}`,
        metric.unit_inherited ? el("small", {}, ` ${t("inherited")}`) : null],
      [t("fact.period"), metric.period ? [metric.period.text, " ", el("small", {}, period(metric.period))] : null],
      [t("fact.subject"), metric.subject],
      [t("fact.section"), sectionFact(reading, metric.section)],
      [t("fact.source"), metric.source === "narrative" ? null : word("source", metric.source)],
      [t("fact.rule"), [code(metric.rule), " ", el("small", {}, quantity.rule)]],
    ]));
    for (const pair of reading.pairsOf.get(metric.id) || []) { ids.push(pair.id); blocks.push(pairBlock(reading, pair)); }
    for (const change of reading.changesOf.get(metric.id) || []) { ids.push(change.id); blocks.push(changeBlock(reading, change)); }
    for (const one of reading.breakdownsOf.get(metric.id) || []) { ids.push(one.id); blocks.push(breakdownBlock(reading, one)); }
  }
  if (!metrics.length) {
    blocks.push(facts([[t("fact.value"), exact], [t("fact.section"), sectionFact(reading, quantity.section)], [t("fact.rule"), code(quantity.rule)]]),
      el("p", { class: "about" }, t("no.metric")));
  }
  return [head(quantity.text, word("kind", quantity.kind), `q q-${quantity.kind}`), ...blocks, findings(reading, ids)];
}

function entityCard(reading, entity) {
  return [head(entity.text, word("entity", entity.type), `e e-${entity.type}`),
    facts([[t("fact.norm"), entity.norm], [t("fact.section"), sectionFact(reading, entity.section)]])];
}

function phraseCard(reading, id) {
  const metrics = reading.phrases.get(id);
  if (!metrics) return null;
  const [first] = metrics;
  return [head(first.indicator.text, t("fact.indicator"), "i"), first.indicator.id ? facts([[t("fact.id"), code(first.indicator.id)]]) : null,
    el("ul", { class: "values" }, metrics.map((metric) => el("li", {}, el("a", { href: link(metric.id) }, reading.quantity(metric)?.text || metric.id), " ",
      el("span", { class: `role role-${metric.role}` }, word("role", metric.role)), metric.period ? ` ${metric.period.text}` : "")))];
}

function sectionCard(section) {
  return [head(`${section.number}${section.title}`, t("record.section"), "h"), facts([[t("fact.type"), word("type", section.type), " ", el("small", {}, section.type)],
    [t("fact.confidence"), `${digits(Math.round(section.confidence * 1000) / 10)}%`]])];
}

const head = (text, kind, look) => el("h3", { class: "card-head" }, el("span", { class: look }, short(flat(text), 80)), " ", el("small", {}, kind));

const period = (one) => (one.start && one.end ? (one.start === one.end ? one.start : `${one.start} – ${one.end}`) : "");

function side(pair, name) {
  const one = pair[name];
  if (one) return one.metric ? el("a", { href: link(one.metric) }, one.text) : one.text;
  if (name === "target" && pair.implied_target !== null) return el("i", {}, implied(pair));
  return "–";
}

function pairBlock(reading, pair) {
  return el("section", { class: `part pair ${met(pair)}` }, el("h4", {}, el("a", { href: link(pair.id) }, t("record.pair")), " ", el("small", {}, word("basis", pair.basis))),
    pair.indicator ? el("p", {}, pair.indicator.text) : null,
    el("div", { class: "sides" }, el("div", {}, el("small", {}, t("side.target")), side(pair, "target")), el("div", {}, el("small", {}, t("side.actual")), side(pair, "actual"))),
    pairBars(pair, 260),
    facts([[t("fact.completion"), pair.completion === null ? null : `${digits(pair.completion)}%`],
      [t("fact.computed"), pair.computed_completion === null ? null : `${digits(pair.computed_completion)}%`],
      [t("fact.met"), pair.met === null ? null : `${metSign(pair)} ${t(`met.${pair.met}`)}`], [t("fact.rule"), code(pair.rule)]]));
}

function changeBlock(reading, change) {
  const value = (name) => {
    const metric = reading.metric(change[name]);
    return metric ? [t(`move.${name}`), el("a", { href: link(metric.id) }, reading.quantity(metric)?.text || metric.id)] : [t(`move.${name}`), null];
  };
  return el("section", { class: "part change" }, el("h4", {}, el("a", { href: link(change.id) }, t("record.change")), " ",
    el("small", {}, word("direction", change.direction))), change.indicator ? el("p", {}, change.indicator.text) : null, changeBars(reading, change, 260),
  facts([...MOVES.map(value), [t("fact.base"), change.base_period ? `${change.base_period.text} ${period(change.base_period)}` : null], [t("fact.rule"), code(change.rule)]]));
}

function breakdownBlock(reading, breakdown) {
  const total = reading.metric(breakdown.total);
  return el("section", { class: "part breakdown" }, el("h4", {}, el("a", { href: link(breakdown.id) }, t("record.breakdown"))),
    el("p", {}, total?.indicator?.text || "", " ", el("a", { href: link(breakdown.total || breakdown.id) }, reading.quantity(total)?.text || "")), breakdownBar(reading, breakdown),
    el("ol", {}, breakdown.parts.map((part) => {
      const metric = reading.metric(part.metric);
      return el("li", {}, metric?.indicator?.text || "", " ", el("a", { href: link(part.metric) }, reading.quantity(metric)?.text || part.metric));
    })));
}

const LEVELS = { error: "▲", warning: "◆", info: "●" };

function findings(reading, ids) {
  const found = reading.findingsFor(ids);
  return found.length ? found.map((finding) => findingBlock(reading, finding)) : null;
}

function findingBlock(reading, finding) {
  return el("section", { class: `part finding ${finding.severity}` }, el("h4", {}, el("a", { href: link(finding.id) }, `${LEVELS[finding.severity] || ""} ${word("severity", finding.severity)}`), " ",
    el("small", {}, word("finding", finding.rule))), el("p", { class: "message" }, finding.message),
  el("blockquote", {}, el("a", { href: link(finding.id) }, short(reading.words(finding), 160))),
  facts([[t("fact.stated"), digits(finding.stated)], [t("fact.expected"), digits(finding.expected)], [t("fact.tolerance"), finding.tolerance === null ? null : `± ${digits(finding.tolerance)}`]]),
  finding.refs.length ? el("div", { class: "refs" }, el("small", {}, t("refs")), finding.refs.map((ref) => refChip(reading, ref))) : null);
}

// A record in a few words, with a jump to it.
function refChip(reading, ref) {
  const record = reading.records.get(ref);
  let words = "";
  if (record) {
    if (ref[0] === "m") words = `${short(record.indicator?.text || "", 20)} ${word("role", record.role)} ${reading.quantity(record)?.text || ""}`;
    else if ("pc".includes(ref[0])) words = `${t(ref[0] === "p" ? "record.pair" : "record.change")} ${short(record.indicator?.text || "", 20)}`;
    else if (ref[0] === "b") words = `${t("record.breakdown")} ${reading.metric(record.total)?.indicator?.text || ""}`;
    else if (ref[0] === "s") words = `${record.number}${short(record.title, 20)}`;
    else if (ref[0] === "t") words = `${t("record.table")} ${short(record.caption || "", 20)}`;
    else words = short(record.text || "", 24);
  }
  return el("a", { class: "chip", href: link(ref) }, el("small", {}, ref), " ", words);
}
