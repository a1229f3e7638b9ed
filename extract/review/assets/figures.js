// Small drawings: target against result, a total and its parts, the move between two periods. All inline SVG, each with
// its meaning as words, none told by colour alone.

const percent = (part, whole) => `${Math.round((part / whole) * 1000) / 10}%`;

// Target (open bar) above result (filled bar) on one scale; null where the two cannot be compared.
function pairBars(pair, width = 150) {
  const unit = (side) => side?.unit || null;
  const actual = number(pair.actual?.value);
  const target = number(pair.target?.value ?? pair.implied_target);
  const stated = pair.target?.value !== null && pair.target?.value !== undefined;
  if (actual === null || target === null || actual < 0 || target < 0) return null;
  if (pair.target && stated && unit(pair.target) !== unit(pair.actual)) return null;
  const most = Math.max(actual, target);
  if (!most) return null;
  const long = (value) => Math.max(value > 0 ? 1 : 0, (value / most) * (width - 2));
  const said = `${t("side.target")} ${pair.target?.text || implied(pair)}, ${t("side.actual")} ${pair.actual.text}`;
  return svg("svg", { class: `bars ${met(pair)}`, viewBox: `0 0 ${width} 20`, width, height: 20, role: "img", "aria-label": said },
    svg("title", {}, said),
    svg("rect", { class: stated ? "bar-target" : "bar-target implied", x: 1, y: 2, width: long(target), height: 6 }),
    svg("rect", { class: "bar-actual", x: 1, y: 11, width: long(actual), height: 7 }));
}

// Money left over is no target missed: only targets of performance are told as met or missed by colour and sign.
const met = (pair) => (pair.basis !== "performance" || pair.met === null ? "open" : pair.met ? "met" : "missed");
const metSign = (pair) => ({ met: "✓", missed: "✗", open: "" })[met(pair)];
const implied = (pair) => `${t("implied")} ${amount(rounded(number(pair.implied_target)), pair.actual?.unit)}`;

// Two bars, before and after; where only the rate is stated, a bar to the left or to the right of a line.
function changeBars(reading, change, width = 150) {
  const value = (id) => number(reading.metric(id)?.value);
  let [current, previous] = [value(change.current), value(change.previous)];
  const [delta, rate] = [value(change.delta), value(change.rate)];
  const metrics = MOVES.slice(0, 3).map((name) => reading.metric(change[name])).filter(Boolean);
  const sameUnit = new Set(metrics.map((metric) => metric.unit)).size < 2;
  let derived = false;
  if (sameUnit && previous === null && current !== null && delta !== null) { previous = current - delta; derived = true; }
  if (sameUnit && current !== null && previous !== null && current >= 0 && previous >= 0 && Math.max(current, previous) > 0) {
    const most = Math.max(current, previous);
    const said = `${t("move.previous")} ${digits(rounded(previous))}, ${t("move.current")} ${digits(rounded(current))}`;
    return svg("svg", { class: `bars ${change.direction}`, viewBox: `0 0 ${width} 20`, width, height: 20, role: "img", "aria-label": said },
      svg("title", {}, said),
      svg("rect", { class: derived ? "bar-target implied" : "bar-target", x: 1, y: 2, width: (previous / most) * (width - 2), height: 6 }),
      svg("rect", { class: "bar-actual", x: 1, y: 11, width: (current / most) * (width - 2), height: 7 }));
  }
  return rate === null ? null : rateBar(rate, Math.max(100, Math.abs(rate)), change.direction, width);
}

function rateBar(rate, most, direction, width = 150) {
  const long = Math.max(1, (Math.abs(rate) / most) * (width / 2 - 2));
  const said = `${digits(rate)}%`;
  return svg("svg", { class: `bars ${direction}`, viewBox: `0 0 ${width} 20`, width, height: 20, role: "img", "aria-label": said },
    svg("title", {}, said),
    svg("line", { class: "axis", x1: width / 2, x2: width / 2, y1: 0, y2: 20 }),
    svg("rect", { class: "bar-actual", x: rate < 0 ? width / 2 - long : width / 2, y: 5, width: long, height: 10 }));
}

const rounded = (value) => Math.round(value * 100) / 100;

// The parts of a total one after another; what they leave over stays open, what goes beyond is told.
function breakdownBar(reading, breakdown, width = 420) {
  const total = reading.metric(breakdown.total);
  const parts = breakdown.parts.map((part) => ({ metric: reading.metric(part.metric), share: reading.metric(part.share) }));
  const values = parts.map(({ metric }) => (metric && (!total || metric.unit === total.unit) ? number(metric.value) : null));
  if (!values.length || values.some((value) => value === null || value < 0)) return null;
  const sum = values.reduce((all, value) => all + value, 0);
  const whole = Math.max(sum, number(total?.value) ?? 0);
  if (!whole) return null;
  let at = 1;
  const rects = values.map((value, place) => {
    const long = (value / whole) * (width - 2);
    const { metric } = parts[place];
    const said = `${metric.indicator?.text || metric.id}: ${amount(metric.value, metric.unit)} (${percent(value, whole)})`;
    const piece = svg("a", { href: link(metric.id), "aria-label": said },
      svg("title", {}, said),
      svg("rect", { class: `piece piece-${place % 6}`, x: at, y: 1, width: Math.max(0.5, long - 1), height: 22 }),
      long > 26 ? svg("text", { x: at + long / 2, y: 16, "text-anchor": "middle" }, String(place + 1)) : null);
    at += long;
    return piece;
  });
  return svg("svg", { class: "composition", viewBox: `0 0 ${width} 24`, role: "group", "aria-label": total?.indicator?.text || t("record.breakdown") },
    svg("rect", { class: "rest", x: 1, y: 1, width: width - 2, height: 22 }), rects);
}

const MOST_PLOTS = 60;

function plots(reading) {
  const { report } = reading;
  const part = (title, about, items) => items.length
    ? el("section", { class: "plots" }, el("h3", {}, title, " ", el("small", {}, String(items.length))), el("p", { class: "about" }, about), growing(items))
    : null;
  const pairs = report.pairs.map((pair) => ({ pair, bars: pairBars(pair, 240) })).filter(({ bars }) => bars).map(({ pair, bars }) => () =>
    el("a", { class: `plot ${met(pair)}`, href: link(pair.id) }, el("b", {}, short(pair.indicator?.text || "", 40), ` ${metSign(pair)}`), bars,
      el("span", {}, `${pair.target?.text || implied(pair)} → ${pair.actual?.text || ""}`,
        percentOf(pair) ? ` · ${percentOf(pair)}` : "")));
  const breakdowns = report.breakdowns.map((one) => ({ one, bar: breakdownBar(reading, one) })).filter(({ bar }) => bar).map(({ one, bar }) => () => {
    const total = reading.metric(one.total);
    return el("div", { class: "plot" }, el("a", { href: link(one.id) }, el("b", {}, total?.indicator?.text || t("record.breakdown")), " ",
      reading.quantity(total)?.text || ""), bar,
    el("ol", {}, one.parts.map((each) => {
      const metric = reading.metric(each.metric);
      return el("li", {}, el("a", { href: link(each.metric) }, metric?.indicator?.text || each.metric), " ", reading.quantity(metric)?.text || "",
        each.share ? ` · ${reading.quantity(reading.metric(each.share))?.text || ""}` : "");
    })));
  });
  const moves = report.changes.map((change) => ({ change, rate: number(reading.metric(change.rate)?.value) }))
    .filter(({ rate, change }) => rate !== null && reading.metric(change.rate).unit === "%");
  const sizes = moves.map(({ rate }) => Math.abs(rate)).sort((one, two) => one - two);
  const most = Math.max(10, sizes[Math.floor(sizes.length * 0.9)] || 0); // one outlier shall not flatten all others
  const changes = moves.map(({ change, rate }) => () => el("a", { class: "plot", href: link(change.id) },
    el("b", {}, short(change.indicator?.text || "", 40)), rateBar(Math.max(-most, Math.min(most, rate)), most, change.direction, 240),
    el("span", {}, `${rate > 0 ? "+" : ""}${digits(reading.metric(change.rate).value)}%${Math.abs(rate) > most ? " »" : ""}`)));
  const all = [
    part(t("plot.pairs"), t("plot.pairs.about"), pairs),
    part(t("plot.breakdowns"), t("plot.breakdowns.about"), breakdowns),
    part(t("plot.changes"), t("plot.changes.about", { most: digits(rounded(most)) }), changes),
  ].filter(Boolean);
  return all.length ? all : [el("p", { class: "nothing" }, t("nothing"))];
}

function growing(makers) {
  const list = el("div", { class: "plot-list" });
  let shown = 0;
  const more = el("button", { type: "button", onclick: () => grow() });
  const grow = () => {
    more.remove();
    list.append(...makers.slice(shown, shown + MOST_PLOTS).map((make) => make()));
    shown += MOST_PLOTS;
    if (shown < makers.length) {
      more.textContent = t("more", { count: makers.length - shown });
      list.append(more);
    }
  };
  grow();
  return list;
}

function percentOf(pair) {
  const rate = pair.completion ?? pair.computed_completion;
  return rate === null || rate === undefined ? "" : `${digits(rate)}%`;
}
