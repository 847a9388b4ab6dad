/**
 * Which shapes of a 3D head are which channels. Tools spell them in many ways: `jawOpen`, `JawOpen`, `mouthSmile_L`,
 * `mouthSmile.L`, `Face.M_jawOpen`, `viseme_PP`, `vrc.v_pp`, VRM's `aa` or `A`, VRoid's `Fcl_MTH_A`, MikuMikuDance's `あ`.
 * Pure: it knows names only.
 */

const ARKIT_LEAST = 10; // of 52
const VRM_LEAST = 3; // of 18; two are enough where one of them opens the mouth
const OCULUS_LEAST = 5; // of 15

const SIDED = "eyeBlink eyeLookDown eyeLookIn eyeLookOut eyeLookUp eyeSquint eyeWide mouthSmile mouthFrown mouthDimple mouthStretch mouthPress mouthLowerDown mouthUpperUp browDown browOuterUp cheekSquint noseSneer";
const WHOLE = "jawForward jawLeft jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper browInnerUp cheekPuff tongueOut";
const OCULUS = "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou";
const VRM = "aa ih ou ee oh blink blinkLeft blinkRight happy angry sad relaxed surprised neutral lookUp lookDown lookLeft lookRight";
const OCULUS_ALSO = { i: "ih", o: "oh", u: "ou" };
const VRM_ALSO = { a: "aa", i: "ih", u: "ou", e: "ee", o: "oh", joy: "happy", sorrow: "sad", fun: "relaxed" };
// The shapes themselves, where a model is no VRM: as VRoid Studio exports them, and Ready Player Me's three.
const VROID = "MTH_A aa MTH_I ih MTH_U ou MTH_E ee MTH_O oh EYE_Close blink EYE_Close_L blinkLeft EYE_Close_R blinkRight ALL_Joy happy ALL_Angry angry ALL_Sorrow sad ALL_Fun relaxed ALL_Surprised surprised ALL_Neutral neutral";
const FEW = { mouthopen: "aa", eyesclosed: "blink", mouthsmile: "happy", eyeslookup: "lookUp", eyeslookdown: "lookDown" };
// MikuMikuDance's morphs, as its models have named them since 2008.
const MMD = "あ aa い ih う ou え ee お oh まばたき blink ウィンク blinkLeft ウィンク２ blinkLeft ウィンク右 blinkRight ウィンク２右 blinkRight ｳｨﾝｸ２右 blinkRight にこり happy 笑い happy 怒り angry 困る sad 悲しい sad なごみ relaxed びっくり surprised";

/** A spelling that all tools share: no object before a dot, no separators, no case, sides written out. */
function plain(name) {
  const whole = name.replace(/[._-](l|r)$/i, (_, side) => (side.toLowerCase() === "l" ? "Left" : "Right"));
  return whole.slice(whole.lastIndexOf(".") + 1).replace(/[\s_-]/g, "").toLowerCase();
}

/** What `words`, each followed by its channel, are spelt like and mean. */
function pairs(words, before = "") {
  const all = words.split(" ");
  return Object.fromEntries(all.flatMap((word, at) => (at % 2 ? [] : [[plain(before + word), all[at + 1]]])));
}

const table = (words, also = {}) => new Map([...words.split(" ").map((name) => [name.toLowerCase(), name]), ...Object.entries(also)]);
const TABLES = {
  arkit52: table(`${SIDED.replace(/\w+/g, "$&Left $&Right")} ${WHOLE}`),
  vrm: table(VRM, { ...VRM_ALSO, ...FEW, ...pairs(VROID, "Fcl_"), ...pairs(MMD) }),
  oculus15: table(OCULUS, OCULUS_ALSO),
};

/** The channel of `profile` that a shape called `name` shows, or undefined. */
export function channel(profile, name) {
  const known = TABLES[profile];
  let key = plain(name);
  if (profile === "oculus15") key = key.replace(/^(viseme|v)(?=.)/, (head, _, at, all) => (known.has(all.slice(head.length)) ? "" : head));
  // Exporters put a prefix of their own before ARKit's long names: M_jawOpen, blendShape_jawOpen.
  const inner = profile === "arkit52" && !known.has(key) ? [...known.keys()].find((each) => key.endsWith(each)) : undefined;
  return known.get(inner ?? key);
}

/**
 * What a head with shapes called `names` wants of the server: `{profile, targets}`, with `targets` a Map from each
 * channel that it shows to the shapes that show it. `profile` is "none" where too little is known.
 */
export function match(names) {
  const found = Object.keys(TABLES).map((profile) => ({ profile, targets: targets(profile, names) }));
  const [arkit, vrm, oculus] = found;
  if (arkit.targets.size >= ARKIT_LEAST) return arkit;
  if (oculus.targets.size >= Math.max(OCULUS_LEAST, vrm.targets.size)) return oculus;
  if (vrm.targets.size >= VRM_LEAST || (vrm.targets.size >= 2 && vrm.targets.has("aa") && vrm.targets.has("blink"))) return vrm;
  return { profile: "none", targets: new Map() };
}

function targets(profile, names) {
  const map = new Map();
  for (const name of names) {
    const one = channel(profile, name);
    if (one) map.set(one, [...(map.get(one) ?? []), name]);
  }
  return map;
}
