// What an identity's looks choose of a rig: parts, colours and the weights of its dials. Knows words, draws nothing.

const wordsOf = (text) => String(text).toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** The part of a text's commas that holds one of `near`, else "". */
const partWith = (text, near) =>
  String(text).toLowerCase().split(",").find((part) => wordsOf(part).some((word) => near.includes(word))) ?? "";

/** The value that `choice` of a rig takes for `looks`; `chosen` holds the values of the choices before it. */
function choose(choice, looks, chosen) {
  const fallback = choice.same ? chosen[choice.same] : choice.default;
  let said = looks[choice.from];
  if (said === undefined || said === null || said === "") return fallback;
  if (said === true) said = "yes";
  if (choice.near) said = partWith(said, choice.near);
  const words = wordsOf(said);
  const found = Object.keys(choice.words).find((word) => words.includes(word));
  return found === undefined ? (choice.other ?? fallback) : choice.words[found];
}

/** The weight 0..1 of a dial. */
function turn(dial, looks) {
  const said = looks[dial.from];
  if (dial.range) {
    const value = Number.parseFloat(said);
    const [low, high] = dial.range;
    return Number.isFinite(value) ? Math.min(1, Math.max(0, (value - low) / (high - low))) : dial.default;
  }
  const found = wordsOf(said ?? "").find((word) => Object.hasOwn(dial.words, word));
  return found === undefined ? dial.default : dial.words[found];
}

/** The file of the rig that `looks` asks for: their `style` may be "anime"; else the one that everybody has. */
export function rigFor(looks) {
  return wordsOf(looks?.style ?? "").some((word) => word === "anime" || word === "manga") ? "anime.json" : "rig.json";
}

/** {slots: choice -> value, colours: name -> [r, g, b], dials: channel -> weight} of `looks` (any object). */
export function resolve(rig, looks) {
  const slots = {};
  const colours = {};
  const dials = {};
  for (const [slot, choice] of Object.entries(rig.choices)) {
    slots[slot] = choose(choice, looks, slots);
    for (const [name, hex] of Object.entries(rig.palettes[slot]?.[slots[slot]] ?? {})) {
      colours[name] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    }
  }
  for (const [channel, dial] of Object.entries(rig.dials)) dials[channel] = turn(dial, looks);
  return { slots, colours, dials };
}
