/** What the studio shows of a person: face, attributes, stages, voices and reports, as nodes. It asks for nothing. */

import { t } from "./words.js";

const RUNS = new Set(["look", "portrait", "video", "evaluate", "seal"]);
const MOST = 40; // items of a list in a report

/** A node with text or children; `of` holds properties. */
export function node(tag, of = {}, ...children) {
  const made = Object.assign(document.createElement(tag), of);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Values in words: `{style: "curly", colour: "red"}` is "curly, red". */
export function said(value) {
  if (Array.isArray(value)) return value.map(said).join(", ");
  if (value && typeof value === "object") return Object.values(value).map(said).filter(Boolean).join(", ");
  return value === null || value === undefined ? "" : String(value);
}

export function attributes(found) {
  const words = (key, value) => (key === "voice" ? Object.entries(value).map((pair) => pair.join(" ")).join(", ") : said(value));
  return Object.entries(found).map(([key, value]) => node("div", {}, node("dt", { textContent: key.replaceAll("_", " ") }), node("dd", { textContent: words(key, value), dir: "auto" })));
}

/** Every step in order: those that were made, then those that can still be run. `redo(stage)` runs one again. */
export function stages({ lineage, state }, known, redo) {
  const stale = state.stale ?? {};
  const rows = lineage.map(({ stage, tool, seed, outputs }) => row(stage, `${tool}${seed ? `, ${t("seed").toLowerCase()} ${seed}` : ""}, ${t("files", { count: Object.keys(outputs ?? {}).length })}`, stale[stage], redo));
  const made = new Set(lineage.map(({ stage }) => stage));
  const left = known.filter((stage) => !made.has(stage)).map((stage) => row(stage, t("not_yet"), null, redo, t("run")));
  return [...rows, ...left];
}

function row(stage, text, stale, redo, label = t("redo")) {
  const what = stale?.map((path) => path.replace("identity.json#", "")).join(", ");
  const again = stale || label !== t("redo") ? node("button", { type: "button", className: "plain", textContent: label, onclick: () => redo(stage) }) : null;
  const made = node("li", {}, node("b", { textContent: t(`stage_${stage}`) || stage }), node("small", { textContent: stale ? t("stale", { what }) : text }), stage === "voice" || RUNS.has(stage) ? again : null);
  if (stale) made.dataset.stale = "true";
  return made;
}

/** The candidates of the voice's report; `play(number, button)` and `take(number)` are what their buttons do. */
export function voices(report, heard, { play, take }) {
  return (report?.candidates ?? []).map((candidate, index) => {
    const number = index + 1;
    const measure = report.heard?.[index];
    const facts = measure ? `${Math.round(measure.pitch_hz)} Hz · ${measure.words_per_s.toFixed(1)} w/s · ${measure.lufs.toFixed(0)} LUFS` : candidate.language;
    const button = node("button", { type: "button", className: "play", textContent: "▶", disabled: !heard, onclick: ({ currentTarget }) => play(number, currentTarget) });
    button.setAttribute("aria-label", t("play", { number }));
    button.setAttribute("aria-pressed", "false");
    const chosen = report.chosen === number;
    const end = chosen ? node("b", { textContent: t("taken") }) : node("button", { type: "button", className: "plain", textContent: t("take"), onclick: () => take(number) });
    const made = node("li", {}, button, node("span", {}, `${candidate.words.join(", ")} `, node("small", { textContent: `${candidate.name} · ${facts}` })), end);
    if (chosen) made.dataset.chosen = "true";
    return made;
  });
}

/** What the filter held back; `decide(id, decision, phrase)` is what the buttons do. */
export function flags(found, decide) {
  return found.map((flag) => {
    const where = [flag.at?.replace("T", " ").slice(0, 16), t(`side_${flag.side}`), t(`ruling_${flag.ruling}`), flag.language].filter(Boolean).join(" · ");
    const words = flag.text ? node("blockquote", { textContent: flag.text, dir: "auto" }) : node("p", { className: "hint", textContent: t("not_kept", { count: flag.length ?? 0 }) });
    const instead = flag.instead ? node("p", {}, node("small", { textContent: `${t("instead")} ` }), node("span", { textContent: flag.instead, dir: "auto" })) : null;
    const head = node("p", {}, node("b", { textContent: flag.category }), node("small", { textContent: ` ${where}` }), node("code", { textContent: flag.why ?? "" }));
    if (flag.decided) return node("li", {}, head, words, instead, node("p", { className: "mark", textContent: t(`decision_${flag.decided}`) }));
    const phrase = node("input", { maxLength: 200, dir: "auto", placeholder: t("phrase") });
    phrase.setAttribute("aria-label", t("phrase"));
    const buttons = ["right", "wrong", "deny", "off"].map((decision) => node("button", { type: "button", className: "pill", textContent: t(`decision_${decision}`), title: t(`decision_${decision}_hint`), onclick: () => decide(flag.id, decision, phrase.value.trim()) }));
    return node("li", {}, head, words, instead, node("div", { className: "row" }, phrase, ...buttons));
  });
}

export function reports(found) {
  return Object.entries(found).map(([stage, report], index) =>
    node("details", { open: index === 0 && Object.keys(found).length === 1 }, node("summary", { textContent: t(`stage_${stage}`) || stage }), tree(report)),
  );
}

function tree(value) {
  if (Array.isArray(value)) {
    if (value.every((item) => item === null || typeof item !== "object")) return document.createTextNode(said(value.slice(0, MOST)));
    return node("dl", {}, ...value.slice(0, MOST).map((item, index) => line(`${index + 1}`, item)));
  }
  if (value && typeof value === "object") return node("dl", {}, ...Object.entries(value).slice(0, 4 * MOST).map(([key, item]) => line(key.replaceAll("_", " "), item)));
  return document.createTextNode(said(value));
}

function line(key, value) {
  return node("div", {}, node("dt", { textContent: key }), node("dd", { dir: "auto" }, tree(value)));
}
