// The spellings of face shapes that a 3D head may come with.

import assert from "node:assert/strict";
import { test } from "node:test";

import { channel, match } from "../../bridge/web/page/heads/names.js";
import { ARKIT, OCULUS, VOWELS } from "./browser/heads.mjs";

test("ARKit's names, as tools spell them", () => {
  for (const name of ARKIT) {
    const upper = name[0].toUpperCase() + name.slice(1);
    for (const spelled of [name, upper, name.toUpperCase(), `head_geo.${name}`, `M_${name}`, `blendShape1.${upper}`]) assert.equal(channel("arkit52", spelled), name, spelled);
  }
  assert.equal(channel("arkit52", "mouthSmile_L"), "mouthSmileLeft");
  assert.equal(channel("arkit52", "eyeLookOut_R"), "eyeLookOutRight");
  assert.equal(channel("arkit52", "jaw_left"), "jawLeft");
  for (const other of ["", ".", "jaw", "open", "viseme_aa", "Fcl_MTH_A", "smile", "eyeBlink"]) assert.equal(channel("arkit52", other), undefined, other);
});

test("Oculus and VRM names", () => {
  assert.deepEqual(OCULUS.map((name) => channel("oculus15", name)).join(" "), "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou");
  assert.equal(channel("oculus15", "vrc.v_ff"), "FF");
  assert.equal(channel("oculus15", "V_Oh"), "oh");
  assert.equal(channel("oculus15", "viseme"), undefined);
  for (const [name, old] of Object.entries(VOWELS)) assert.deepEqual([channel("vrm", name), channel("vrm", old)], [name, name]);
  assert.equal(channel("vrm", "Blink_L"), "blinkLeft");
});

test("a head gets the richest set that it can show", () => {
  assert.equal(match(ARKIT).profile, "arkit52");
  assert.equal(match(ARKIT).targets.size, 52);
  assert.equal(match([...ARKIT, ...OCULUS]).profile, "arkit52");
  assert.equal(match(OCULUS).profile, "oculus15");
  assert.equal(match([...OCULUS, ...ARKIT.slice(0, 5)]).profile, "oculus15");
  assert.equal(match(Object.keys(VOWELS)).profile, "vrm");
  assert.equal(match(["A", "I", "U", "E", "O", "blink"]).profile, "vrm");
  for (const none of [[], ["Fatter", "Thinner"], ["aa", "ih"]]) assert.equal(match(none).profile, "none");
});

test("several shapes may show one channel", () => {
  assert.deepEqual(match([...ARKIT, "teeth.jawOpen", "JawOpen"]).targets.get("jawOpen"), ["jawOpen", "teeth.jawOpen", "JawOpen"]);
});

test("Blender's sides, VRoid's and MikuMikuDance's names, and heads with few shapes", () => {
  for (const [spelt, name] of Object.entries({ "mouthSmile.L": "mouthSmileLeft", "eyeBlink.R": "eyeBlinkRight", "Head.browDown.L": "browDownLeft" })) assert.equal(channel("arkit52", spelt), name, spelt);
  const vroid = ["Fcl_ALL_Joy", "Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U", "Fcl_MTH_E", "Fcl_MTH_O", "Fcl_EYE_Close", "Fcl_EYE_Close_L", "Face.M_F00_000.Fcl_EYE_Close_R", "Fcl_HA_Hide"];
  assert.deepEqual(vroid.map((name) => channel("vrm", name)), ["happy", "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", undefined]);
  const mmd = ["あ", "い", "う", "え", "お", "まばたき", "ウィンク", "ウィンク右", "笑い", "怒り", "照れ"];
  assert.deepEqual(mmd.map((name) => channel("vrm", name)), ["aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "happy", "angry", undefined]);
  for (const names of [vroid, mmd, ["mouthOpen", "mouthSmile", "eyesClosed"], ["mouthOpen", "eyesClosed"]]) assert.equal(match(names).profile, "vrm", names);
  for (const names of [["mouthOpen"], ["eyesClosed", "eyesLookUp"]]) assert.equal(match(names).profile, "none", names);
});
