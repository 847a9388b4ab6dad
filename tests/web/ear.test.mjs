// Push-to-talk and free speech over a fake microphone: what goes to the server, in which order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Ear } from "../../bridge/web/client/ear.js";
import { Microphone } from "../../bridge/web/client/microphone.js";

/** An ear whose microphone delivers frames when the test says so. */
function make({ echoFree = true, speaking = false } = {}) {
  const sent = [];
  const told = [];
  const ear = new Ear({ send: (type, fields) => sent.push({ type, ...fields }), tell: (type) => told.push(type), speaking: () => speaking });
  const state = { ear, sent, told, opened: 0 };
  Microphone.open = async (onFrame) => {
    state.opened += 1;
    const microphone = { pts: 0, recent: [], echoFree, close: async () => {} };
    state.microphone = microphone;
    state.frames = (count) => {
      for (let index = 0; index < count; index += 1) {
        const frame = { data: new Uint8Array(640).fill(1), pts: microphone.pts, level: 0.5, muted: false };
        microphone.pts += 320;
        microphone.recent = [...microphone.recent, frame].slice(-25);
        onFrame(frame);
      }
    };
    return microphone;
  };
  return state;
}

const types = ({ sent }) => sent.map(({ type, on, pts }) => (type === "talk" ? `talk ${on}` : pts / 320));

test("nothing is sent before it is asked for, what came just before the key is", async () => {
  const state = make();
  await state.ear.open();
  state.frames(40);
  assert.deepEqual(state.sent, []);
  assert.equal(await state.ear.talk(true), true);
  state.frames(2);
  assert.deepEqual(types(state), ["talk true", ...Array.from({ length: 25 }, (_, index) => 15 + index), 40, 41]);
});

test("the key up comes after the last frame, and a little later", async () => {
  const state = make();
  await state.ear.talk(true);
  state.frames(1);
  const up = state.ear.talk(false);
  state.frames(2);
  await up;
  state.frames(1);
  assert.deepEqual(types(state), ["talk true", 0, 1, 2, "talk false"]);
  assert.equal(state.sent.at(-1).pts, 3 * 320);
});

test("letting go and pressing again at once is one press", async () => {
  const state = make();
  await state.ear.talk(true);
  const up = state.ear.talk(false);
  await state.ear.talk(true);
  await up;
  state.frames(1);
  assert.deepEqual(types(state), ["talk true", 0]);
  await state.ear.talk(false);
  assert.equal(types(state).at(-1), "talk false");
});

test("a key that is up before the microphone is open says nothing", async () => {
  const state = make();
  const down = state.ear.talk(true);
  await state.ear.talk(false);
  await down;
  state.frames(3);
  assert.deepEqual(state.sent, []);
});

test("free speech is sent whole, and ends in silence", async () => {
  const state = make();
  await state.ear.listen(true);
  state.frames(3);
  await state.ear.listen(false);
  const frames = state.sent.map(({ pts, data }) => [pts / 320, data[0]]);
  assert.deepEqual(frames.slice(0, 4), [[0, 1], [1, 1], [2, 1], [3, 0]]);
  assert.equal(frames.length, 33);
  assert.equal(state.opened, 1);
});

test("without echo cancellation it is deaf while the companion speaks, except to the key", async () => {
  const state = make({ echoFree: false, speaking: true });
  await state.ear.listen(true);
  state.frames(1);
  await state.ear.talk(true);
  state.frames(1);
  assert.deepEqual(state.sent.filter(({ type }) => type === "mic").map(({ data }) => data[0]), [0, 1]);
});

test("a microphone that is refused leaves nothing pressed", async () => {
  const state = make();
  Microphone.open = async () => {
    throw new Error("no");
  };
  await assert.rejects(state.ear.talk(true));
  await assert.rejects(state.ear.listen(true));
  assert.equal(await state.ear.talk(false), false);
  assert.deepEqual(state.sent, []);
});
