"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { checks, texts, entries, traces, steps } = data.tables;
  const diff = data.kind === "diff";
  const byId = (id) => document.getElementById(id);

  /** An element with attributes and children; texts become text nodes, so nothing is ever markup. */
  const el = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  };

  const ACCESS = {
    full: ["✓", "registers and signs in"],
    "earlier-only": ["◐", "cannot be registered; one registered earlier still signs in"],
    "registers-only": ["!", "registers, and cannot sign in"],
    refused: ["✗", "neither registers nor signs in"],
    unknown: ["?", "the lab cannot tell"],
  };
  const EFFECTS = {
    lost: ["−", "loses access"],
    gained: ["+", "gains access"],
    unclear: ["?", "the lab cannot tell before or after"],
    rule: ["≠", "same answer, another rule decides"],
    same: ["·", "nothing changes"],
  };
  const SIGNS = diff ? EFFECTS : ACCESS;
  const OUTCOMES = { pass: "✓", fail: "✗", note: "i", "not-judged": "?", "not-applicable": "–", caller: "→" };
  const TONE = { allowed: "full", refused: "refused", unknown: "unknown" };
  const TRACE_TONE = { pass: "full", fail: "refused", note: "unknown", "not-judged": "unknown" };

  const step = (place) => {
    if (place === null || place === undefined) return null;
    const [verdict, check, text, hint, profiles, trace] = steps[place];
    return { verdict, check, text, hint, profiles, trace };
  };
  const fill = (row, place) =>
    place === null ? "" : texts[place].replaceAll("\ue000", row.aaguid).replaceAll("\ue001", row.name);
  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const checkId = (place) => (place === null ? null : checks[place][0]);

  // --- what a cell comes to

  const access = ([registration, used]) => {
    const [r, u] = [step(registration).verdict, step(used)?.verdict];
    if (r === "unknown" || u === "unknown") return "unknown";
    if (r === "allowed") return u === "allowed" ? "full" : "registers-only";
    return u === "allowed" ? "earlier-only" : "refused";
  };
  const effect = (before, after) => {
    if (before === after) return "same";
    const [b, a] = [step(before), step(after)];
    const [from, to] = [b?.verdict ?? "refused", a?.verdict ?? "refused"];
    if (from === to) return (b?.check ?? null) === (a?.check ?? null) ? "same" : "rule";
    if (from === "unknown" || to === "unknown") return "unclear";
    return to === "refused" ? "lost" : "gained";
  };
  const effects = ([rb, ra, ub, ua]) => [effect(rb, ra), effect(ub, ua)];
  const changed = (cell) => Object.keys(EFFECTS).find((name) => effects(cell).includes(name));
  const kind = diff ? changed : access;
  const shown = (cell) => (diff ? [step(cell[1]), step(cell[3])] : [step(cell[0]), step(cell[1])]).filter(Boolean);
  const reasons = (cell) => shown(cell).filter((s) => s.verdict !== "allowed").map((s) => checkId(s.check) ?? "no response");
  const words = (cell) => {
    if (!diff) return SIGNS[kind(cell)][1];
    const [registration, signIn] = effects(cell);
    return `registration: ${EFFECTS[registration][1]}; sign-in: ${EFFECTS[signIn][1]}`;
  };
  const number = (index) => String(index + 1);

  // --- the grid

  const body = el("tbody", { role: "rowgroup" });
  const lines = data.rows.map((row) => {
    const cells = row.cells.map((cell, index) => {
      const name = kind(cell);
      return el("td", {
        role: "gridcell", tabindex: "-1", class: name, "data-kind": name, "aria-selected": "false",
      }, el("span", { class: "column", "aria-hidden": "true" }, number(index)),
      el("span", { "aria-hidden": "true" }, SIGNS[name][0]),
      el("span", { class: "spoken" }, `${row.name}, ${data.columns[index].label}: ${words(cell)}`));
    });
    const small = row.id === row.name ? row.flow : `${row.id}, ${row.flow}`;
    const head = el("th", { role: "rowheader", scope: "row" }, row.name, el("small", {}, small));
    const line = el("tr", { role: "row" }, head, cells);
    const haystack = [row.id, row.name, row.aaguid, row.vendor].join(" ").toLowerCase();
    const why = row.cells.map(reasons);
    body.append(line);
    return { row, line, cells, haystack, why };
  });
  const heads = data.columns.map((column, index) =>
    el("th", { role: "columnheader", scope: "col", title: column.label, "aria-label": `${number(index)}: ${column.label}` }, number(index)));
  const corner = el("th", { role: "columnheader", scope: "col", class: "corner" }, "model");
  byId("grid-area").append(el("table", { role: "grid", "aria-label": data.title, "aria-describedby": "summary" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, corner, heads)), body));
  byId("grid-area").append(el("p", { id: "empty", hidden: true }, "No model matches these filters."));

  // --- filters

  const counted = (values) => {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  };
  const select = (id, label, everything, options) =>
    el("label", {}, label, el("select", { id }, el("option", { value: "" }, everything),
      options.map(([value, text]) => el("option", { value }, text))));
  const present = counted(data.rows.flatMap((row) => row.cells.map(kind)));
  const outcomes = Object.entries(SIGNS).filter(([name]) => present.some(([other]) => other === name));
  const allReasons = counted(lines.flatMap((line) => line.why.flatMap((ids) => [...new Set(ids)])));
  const vendors = counted(data.rows.map((row) => row.vendor)).sort((a, b) => a[0].localeCompare(b[0]));
  byId("controls").append(...[
    el("label", {}, "Search models", el("input", { id: "search", type: "search", placeholder: "name, id, AAGUID or vendor", autocomplete: "off" })),
    select("outcome", "Outcome", diff ? "all" : "all outcomes",
      [...(diff ? [["changed", "whatever changes"]] : []), ...outcomes.map(([name, [sign, text]]) => [name, `${sign} ${text}`])]),
    select("reason", "Decided by", "any check", allReasons.map(([id, count]) => [id, `${id} (${count})`])),
    select("vendor", "Vendor", "all vendors", vendors.map(([name, count]) => [name, `${name} (${count})`])),
    data.rows.some((row) => row.generic)
      ? el("label", { class: "check" }, el("input", { id: "own", type: "checkbox" }), "without models made from lists") : null,
    el("button", { id: "clear", type: "button" }, "Clear filters"),
  ].filter(Boolean));
  const filters = () => ({
    text: byId("search").value.trim().toLowerCase(), outcome: byId("outcome").value, reason: byId("reason").value,
    vendor: byId("vendor").value, own: byId("own")?.checked ?? false,
  });
  const cellMatches = (f, name, why) =>
    (!f.outcome || f.outcome === name || (f.outcome === "changed" && name !== "same")) && (!f.reason || why.includes(f.reason));
  const apply = () => {
    const f = filters();
    let rows = 0, cells = 0;
    for (const { row, line, cells: nodes, haystack, why } of lines) {
      const wanted = haystack.includes(f.text) && (!f.vendor || row.vendor === f.vendor) && !(f.own && row.generic);
      let any = false;
      nodes.forEach((node, index) => {
        const matches = wanted && cellMatches(f, node.dataset.kind, why[index]);
        node.classList.toggle("dim", !matches);
        if (matches) { any = true; cells += 1; }
      });
      line.hidden = !any;
      if (any) rows += 1;
    }
    byId("empty").hidden = rows > 0;
    byId("summary").textContent = `${rows} of ${lines.length} models, ${data.columns.length} ${diff ? "groups of users" : "scopes"}, ${cells} cells match.`;
    if (!current || current.parentNode.hidden) enter(visible()[0]?.cells[0]);
  };

  // --- moving about

  let current = null;
  let opened = null;
  const visible = () => lines.filter(({ line }) => !line.hidden);
  const enter = (node, focus) => {
    if (current) current.tabIndex = -1;
    current = node ?? null;
    if (!current) return;
    current.tabIndex = 0;
    if (focus) { current.focus(); current.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  };
  const PAGE = 10;
  const moves = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    PageUp: [-PAGE, 0], PageDown: [PAGE, 0], Home: [0, -Infinity], End: [0, Infinity],
  };
  const clamp = (value, most) => Math.max(0, Math.min(most, value));
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); return open(event.target.closest("td")); }
    const move = moves[event.key];
    if (!move || event.altKey || event.metaKey) return;
    event.preventDefault();
    const rows = visible();
    const at = rows.findIndex(({ cells }) => cells.includes(current));
    const whole = event.ctrlKey && (event.key === "Home" || event.key === "End");
    const y = clamp(at + (whole ? move[1] : move[0]), rows.length - 1);
    const x = clamp(rows[at].cells.indexOf(current) + move[1], data.columns.length - 1);
    enter(rows[y].cells[x], true);
  });
  body.addEventListener("click", (event) => { const node = event.target.closest("td"); if (node) { enter(node, true); open(node); } });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && opened) close(); });

  // --- the detail of a cell

  const narrow = matchMedia("(max-width: 699px)");
  const behind = () => [document.querySelector("header"), byId("people"), byId("controls"), byId("legend"), byId("grid-area"), byId("columns"), byId("notes"), byId("footer")];
  const close = () => {
    byId("detail").hidden = true;
    byId("board").classList.remove("open");
    behind().forEach((node) => { node.inert = false; });
    opened.setAttribute("aria-selected", "false");
    enter(opened, true);
    opened = null;
  };
  const traceList = (row, place) => el("ul", { class: "trace" }, traces[place].map((index) => {
    const [check, outcome, text, hint] = entries[index];
    const [id, source] = checks[check];
    return el("li", {},
      el("span", { class: `key ${TRACE_TONE[outcome] ?? "same"}`, title: outcome, role: "img", "aria-label": outcome }, OUTCOMES[outcome]),
      el("div", {}, el("code", {}, id), el("div", {}, sentence(fill(row, text))),
        hint === null ? null : el("div", { class: "said" }, `Hint: ${fill(row, hint)}`),
        source ? el("div", { class: "said" }, source) : null));
  }));
  const box = (title, row, place) => place === null || place === undefined ? null
    : el("details", { class: "trace-box" }, el("summary", {}, `${title}: ${traces[place].length} checks`), traceList(row, place));
  const profileTable = (profiles) => profiles.length === 0 ? null : el("table", { class: "profiles" },
    el("thead", {}, el("tr", {}, ["profile", "matches", "rules that do not hold"].map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, profiles.map(([name, matches, failed]) =>
      el("tr", {}, el("td", {}, texts[name]), el("td", {}, matches ? "✓ yes" : "✗ no"), el("td", {}, failed.map(checkId).join(", "))))));
  const stepView = (row, title, found, webauthn) => {
    if (!found) return [el("h3", {}, title), el("p", {}, "There is no passkey to sign in with.")];
    const decided = found.check === null ? null : checks[found.check];
    return [
      el("h3", {}, title),
      el("p", { class: `verdict ${TONE[found.verdict]}` }, found.verdict.toUpperCase() + (decided ? ` by ${decided[0]}` : "")),
      el("p", {}, sentence(fill(row, found.text))),
      found.hint === null ? null : el("p", { class: "hint" }, el("strong", {}, "What to change: "), fill(row, found.hint)),
      decided ? el("p", { class: "source" }, [decided[2], decided[1]].filter(Boolean).join("; ")) : null,
      profileTable(found.profiles),
      box("Policy", row, found.trace),
      box("WebAuthn", row, webauthn),
    ];
  };
  const views = (row, cell) => {
    if (!diff) {
      const [registration, used] = cell.map(step);
      const title = registration.verdict === "allowed" ? "Sign-in" : "Sign-in, were it registered already";
      return [stepView(row, "Registration", registration, row.webauthn[0]), stepView(row, title, used, row.webauthn[1])];
    }
    const [rb, ra, ub, ua] = cell.map(step);
    const title = (name, before, after) => `${name}: ${EFFECTS[effect(before, after)][1]}`;
    return [
      stepView(row, `${title("Registration", cell[0], cell[1])} (before)`, rb), stepView(row, "Registration after", ra, row.webauthn[0]),
      stepView(row, `${title("Sign-in of a registered passkey", cell[2], cell[3])} (before)`, ub), stepView(row, "Sign-in after", ua, row.webauthn[1]),
    ];
  };
  const open = (node) => {
    const line = lines.find(({ cells }) => cells.includes(node));
    const index = line.cells.indexOf(node);
    const { row } = line;
    opened?.setAttribute("aria-selected", "false");
    opened = node;
    node.setAttribute("aria-selected", "true");
    const button = el("button", { id: "close", type: "button" }, "Close");
    button.addEventListener("click", close);
    const facts = [["for", `${number(index)}: ${data.columns[index].label}`], ["AAGUID", row.aaguid], ["model", row.id],
      ["vendor", row.vendor], ["flow", `${row.flow}, platform ${row.platform}`]];
    byId("detail").replaceChildren(el("h2", { id: "detail-title" }, row.name), button,
      el("dl", { class: "facts" }, facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      ...views(row, row.cells[index]).flat().filter(Boolean));
    byId("detail").hidden = false;
    byId("board").classList.add("open");
    behind().forEach((part) => { part.inert = narrow.matches; });
    byId("detail").scrollTop = 0;
    byId("detail").focus({ preventScroll: !narrow.matches });
  };

  // --- everything around the grid

  byId("legend").append(el("ul", {}, outcomes.map(([name, [sign, text]]) =>
    el("li", {}, el("span", { class: `key ${name}`, "aria-hidden": "true" }, sign), text))));
  const who = (column) => {
    const more = column.count - column.members.length;
    return column.members.length === 0 ? "" : `${column.count}: ${column.members.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  };
  byId("columns").append(el("h2", { id: "columns-title" }, diff ? "Groups of users: whose access is compared" : "Scopes: who is treated alike"),
    el("ol", { class: "scopes" }, data.columns.map((column) => el("li", {}, column.label, " ", el("br"), el("small", {}, who(column))))));
  if (data.people?.length) {
    byId("people").hidden = false;
    byId("people").append(el("h2", { id: "people-title" }, "Passkeys that people have registered"),
      el("ul", { class: "people" }, data.people.map((person) => el("li", {},
        el("span", { class: `key ${person.effect}`, "aria-hidden": "true" }, EFFECTS[person.effect][0]),
        el("strong", {}, person.user), ` ${EFFECTS[person.effect][1]} with “${person.passkey}” (${person.model}). `, sentence(person.message),
        person.hint ? el("p", { class: "hint" }, el("strong", {}, "What to change: "), person.hint) : null,
        person.rule ? el("p", { class: "source" }, el("code", {}, person.rule)) : null))));
  }
  if (data.notes.length) {
    byId("notes").hidden = false;
    byId("notes").append(el("h2", { id: "notes-title" }, "Notes"), el("ul", {}, data.notes.map((note) => el("li", {}, note))));
  }
  const { version, seed, at } = data.about;
  byId("footer").textContent = [`passkey-lab ${version}`, seed === null ? null : `seed ${seed}`, at].filter(Boolean).join(", ");

  for (const id of ["search", "outcome", "reason", "vendor", "own"]) byId(id)?.addEventListener("input", apply);
  byId("clear").addEventListener("click", () => {
    for (const id of ["search", "outcome", "reason", "vendor"]) byId(id).value = "";
    if (byId("own")) byId("own").checked = false;
    apply();
    byId("search").focus();
  });
  if (diff && present.some(([name]) => name !== "same")) byId("outcome").value = "changed";
  apply();
})();
