/** What was said in this window and when it was heard, and how that is written down. Pure: it is told the time. */

const MOST = 400; // entries
const LINE = 84; // characters of one subtitle in a file
const PAUSE_MS = 900; // between two words, after which a new subtitle begins
const STAY_MS = 1200; // that the last word of a subtitle is shown

/** An entry: `{who, mine, text, at, until, cut, sources, words: [{text, at}]}`, times in ms of any one clock. */
export class Conversation {
  constructor() {
    this.entries = [];
  }

  /** Somebody begins to say something, at `at`; words are added by `word`. */
  begin({ who, mine = false, text = "", at }) {
    const entry = { who, mine, text, at, until: at, cut: false, sources: [], words: text ? [{ text, at }] : [] };
    this.entries.push(entry);
    if (this.entries.length > MOST) this.entries.shift();
    return entry;
  }

  word(entry, text, at) {
    entry.text += text;
    entry.words.push({ text, at });
    entry.until = at;
  }

  end(entry, { at, cut = false, sources = [] }) {
    Object.assign(entry, { until: Math.max(entry.until, at), cut, sources, text: entry.text.trim() });
  }

  forget() {
    this.entries = [];
  }
}

/** The conversation as `txt`, `json` or `srt`; `marks.cut` is written behind what was cut off. */
export function written(entries, kind, { cut = "…", title = "", began = 0, date = "" } = {}) {
  const said = entries.filter(({ text }) => text.trim());
  if (kind === "srt") return subtitles(said, began);
  if (kind === "json") {
    const lines = said.map(({ who, mine, text, at, until, cut: ends, sources }) => ({
      who, from: mine ? "user" : "companion", text: text.trim(), at_s: seconds(at - began), until_s: seconds(until - began), ...(ends && { cut: true }), ...(sources.length && { sources }),
    }));
    return `${JSON.stringify({ title, date, ai_generated: true, lines }, null, 1)}\n`;
  }
  return [`${title}${date ? `, ${date}` : ""}`, "", ...said.map(({ who, text, cut: ends }) => `${who}: ${text.trim()}${ends ? ` … (${cut})` : ""}`), ""].join("\n");
}

function subtitles(entries, began) {
  const pieces = entries.flatMap((entry) => cues(entry));
  const shown = pieces.map(({ who, text, from, to }, index) => {
    const next = pieces[index + 1]?.from ?? Infinity;
    return `${index + 1}\n${stamp(from - began)} --> ${stamp(Math.max(from + 1, Math.min(to, next)) - began)}\n${who}: ${text}\n`;
  });
  return shown.join("\n");
}

/** The parts of an entry that are shown at once, each with when its words were heard. */
function cues({ who, words, until, at }) {
  const parts = [];
  for (const { text, at: when } of words) {
    const last = parts.at(-1);
    if (!last || last.text.length + text.length > LINE || when - last.to > PAUSE_MS + STAY_MS) parts.push({ who, text, from: when, to: when });
    else Object.assign(last, { text: last.text + text, to: when });
  }
  for (const part of parts) Object.assign(part, { text: part.text.trim().replace(/\s+/g, " "), to: part.to + STAY_MS });
  if (parts.length) parts.at(-1).to = Math.max(parts.at(-1).to, until, at + STAY_MS);
  return parts.filter(({ text }) => text);
}

function seconds(ms) {
  return Math.round(ms) / 1000;
}

function stamp(ms) {
  const whole = Math.max(0, Math.round(ms));
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  return `${two(whole / 3600000)}:${two((whole / 60000) % 60)}:${two((whole / 1000) % 60)},${String(whole % 1000).padStart(3, "0")}`;
}
