// The list of documents, all their findings, and what could not be read.

function overview(tab, onTab) {
  const body = el("div", { class: "panel-body", role: "tabpanel", id: "overview-body" });
  const sum = (name) => setup.documents.reduce((all, row) => all + row[name], 0);
  const tabs = [["documents", setup.documents.length], ["all-findings", sum("errors") + sum("warnings") + sum("notes")], ["failures", setup.failures.length]]
    .filter(([id, count]) => id === "documents" || count);
  const buttons = tabs.map(([id, count]) => el("button", { type: "button", role: "tab", "data-tab": id, "aria-controls": "overview-body", onclick: () => { open(id); onTab(id); } },
    t(`tab.${id}`), el("small", {}, ` ${digits(count)}`)));
  const open = async (id) => {
    for (const button of buttons) button.setAttribute("aria-selected", String(button.dataset.tab === id));
    if (id === "documents") body.replaceChildren(documentTable());
    else if (id === "failures") body.replaceChildren(failureTable());
    else {
      body.replaceChildren(el("p", { class: "about", role: "status" }, t("loading")));
      try { body.replaceChildren(allFindings(await fetchBlock("findings"))); } catch { body.replaceChildren(broken("findings")); }
    }
  };
  open(tabs.some(([id]) => id === tab) ? tab : "documents");
  const cards = [["documents", setup.documents.length], ["chars", sum("chars")], ["metrics", sum("metrics")], ["pairs", sum("pairs")], ["missed", sum("missed")], ["errors", sum("errors")], ["warnings", sum("warnings")]];
  return el("main", { class: "overview" }, el("ul", { class: "sums" }, cards.map(([id, count]) => el("li", {}, el("b", {}, digits(count)), " ", t(`sum.${id}`)))),
    el("div", { class: "tabs", role: "tablist", "aria-label": t("tabs") }, buttons), body);
}

const toDocument = (row, id) => `#${new URLSearchParams(id ? { d: row.doc_id, r: id } : { d: row.doc_id })}`;

function broken(name) {
  return el("div", { class: "gone", role: "alert" }, el("h2", {}, t("broken")), el("p", {}, t("broken.what", { file: `${setup.folder}/${name}.js` })));
}

function documentTable() {
  const figures = (id) => ({ id, title: t(`sum.${id}`), numeric: true, value: (row) => row[id], cell: (row) => (row[id] ? digits(row[id]) : "") });
  const level = (id, sign) => ({ ...figures(id), cell: (row) => (row[id] ? el("span", { class: `level ${{ errors: "error", warnings: "warning", missed: "missed" }[id]}` }, `${sign} ${digits(row[id])}`) : "") });
  return grid({ id: "documents", rows: setup.documents, caption: t("tab.documents"), target: (row) => toDocument(row), columns: [
    { id: "title", title: t("column.title"), value: (row) => row.title || row.doc_id, wide: true },
    { id: "organisation", title: t("column.organisation"), value: (row) => row.organisation },
    { id: "place", title: t("column.place"), value: (row) => row.place },
    { id: "year", title: t("column.year"), value: (row) => row.year, numeric: true, choose: true },
    { id: "genre", title: t("column.genre"), value: (row) => row.genre, label: (value) => word("genre", value), raw: (row) => row.genre, choose: true },
    level("errors", "▲"), level("warnings", "◆"), figures("metrics"), figures("pairs"), level("missed", "✗"), figures("changes"), figures("chars"),
    { id: "doc_id", title: t("column.document"), value: (row) => row.doc_id, cell: (row) => el("small", {}, short(row.doc_id, 48), row.problem ? ` ⚠ ${t(`gone.${row.problem}`)}` : "") },
  ] });
}

function allFindings(rows) {
  const of = (row) => setup.documents[row.document];
  const order = { error: 0, warning: 1, info: 2 };
  const sorted = [...rows].sort((one, two) => (order[one.severity] ?? 3) - (order[two.severity] ?? 3) || one.document - two.document);
  return grid({ id: "all-findings", rows: sorted, caption: t("tab.all-findings"), target: (row) => toDocument(of(row), row.id), columns: [
    { id: "title", title: t("column.title"), value: (row) => of(row).title || of(row).doc_id },
    { id: "severity", title: t("column.severity"), value: (row) => row.severity, label: (value) => word("severity", value), raw: (row) => row.severity, choose: true,
      key: (row) => String(order[row.severity] ?? 3), cell: (row) => el("span", { class: `level ${row.severity}` }, `${LEVELS[row.severity] || ""} ${word("severity", row.severity)}`) },
    { id: "rule", title: t("column.rule"), value: (row) => row.rule, label: (value) => word("finding", value), raw: (row) => row.rule, choose: true },
    { id: "message", title: t("column.message"), value: (row) => row.message, wide: true },
    { id: "words", title: t("column.words"), value: (row) => row.words, cell: (row) => short(row.words, 60) },
    { id: "doc_id", title: t("column.document"), value: (row) => of(row).doc_id, cell: (row) => el("small", {}, short(of(row).doc_id, 40)) },
  ] });
}

function failureTable() {
  return grid({ id: "failures", rows: setup.failures, caption: t("tab.failures"), target: () => "#", columns: [
    { id: "path", title: t("column.path"), value: (row) => row.path },
    { id: "reason", title: t("column.reason"), value: (row) => row.reason, wide: true },
  ] });
}
