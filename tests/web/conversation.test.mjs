// What was said, written down: as text, JSON and subtitles.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation, written } from "../../bridge/web/page/conversation.js";

function talk() {
  const conversation = new Conversation();
  conversation.begin({ who: "You", mine: true, text: "Why is the sky blue?", at: 1000 });
  const reply = conversation.begin({ who: "Nora", at: 2500 });
  for (const [index, word] of ["Because", " air", " scatters", " blue", " light", " more."].entries()) conversation.word(reply, word, 2500 + 300 * index);
  conversation.end(reply, { at: 4400 });
  const cut = conversation.begin({ who: "Nora", at: 9000 });
  conversation.word(cut, "And another", 9000);
  conversation.end(cut, { at: 9300, cut: true, sources: [{ title: "Optics", page: 3 }] });
  return conversation;
}

test("text names who spoke, and marks what was cut", () => {
  const text = written(talk().entries, "txt", { cut: "cut off", title: "Nora", date: "2026-11-30" });
  assert.equal(text, "Nora, 2026-11-30\n\nYou: Why is the sky blue?\nNora: Because air scatters blue light more.\nNora: And another … (cut off)\n");
});

test("JSON holds times from the beginning, and that a machine spoke", () => {
  const told = JSON.parse(written(talk().entries, "json", { began: 1000, title: "Nora" }));
  assert.equal(told.ai_generated, true);
  assert.deepEqual(told.lines.map(({ from, at_s, cut }) => [from, at_s, cut]), [["user", 0, undefined], ["companion", 1.5, undefined], ["companion", 8, true]]);
  assert.deepEqual(told.lines[2].sources, [{ title: "Optics", page: 3 }]);
});

test("subtitles are numbered, in order, and none overlaps the next", () => {
  const text = written(talk().entries, "srt", { began: 1000 });
  const times = [...text.matchAll(/(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})/g)].map((found) => {
    const [h, m, s, ms, h2, m2, s2, ms2] = found.slice(1).map(Number);
    return [((h * 60 + m) * 60 + s) * 1000 + ms, ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2];
  });
  assert.equal(times.length, 3);
  assert.deepEqual(text.match(/^\d+$/gm), ["1", "2", "3"]);
  for (const [index, [from, to]] of times.entries()) {
    assert.ok(to > from);
    if (index) assert.ok(from >= times[index - 1][1]);
  }
});

test("a long reply becomes several subtitles, split where its words are", () => {
  const conversation = new Conversation();
  const entry = conversation.begin({ who: "Nora", at: 0 });
  for (let index = 0; index < 60; index += 1) conversation.word(entry, `${index ? " " : ""}word${index}`, index * 250);
  conversation.end(entry, { at: 15000 });
  const shown = written(conversation.entries, "srt").split("\n\n").map((block) => block.trim().split("\n")[2]?.replace("Nora: ", "")).filter(Boolean);
  assert.ok(shown.length >= 4);
  assert.ok(shown.every((line) => line.length <= 84));
  assert.equal(shown.join(" "), entry.text);
});

test("only so much is kept, empty lines are left out, and forgetting leaves nothing", () => {
  const conversation = new Conversation();
  for (let index = 0; index < 500; index += 1) conversation.begin({ who: "You", mine: true, text: index % 2 ? " " : `line ${index}`, at: index });
  assert.equal(conversation.entries.length, 400);
  assert.equal(JSON.parse(written(conversation.entries, "json")).lines.length, 200);
  conversation.forget();
  assert.equal(written(conversation.entries, "srt"), "");
});
