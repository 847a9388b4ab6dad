/** Where a head is in a room, in metres: how large, where it stands, and how it turns to whoever is there. Pure. */

export const AWAY_M = 1.2; // how far a companion stands from the wearer
export const EYES_M = 1.55; // over the floor, where nothing else is known
const FACE_M = 0.24; // from the chin to the crown of an adult
const METRES = [0.14, 0.45]; // a face of this height was built in metres
const FREE_RAD = 0.26; // how far the eyes and the neck follow before the body turns
const TURN_S = 0.7; // until two thirds of a turn of the body are made
const NECK_RAD = 0.42;

/** By how much a model is scaled whose face is `height` units high, so that it is as large as a person. */
export function scaleOf(height) {
  return height >= METRES[0] && height <= METRES[1] ? 1 : FACE_M / height;
}

/** The place before somebody whose eyes are at `eye` and look along `yaw` (rad, 0: along -z): `{x, y, z}` of the face. */
export function before({ x, y, z }, yaw, away = AWAY_M) {
  return { x: x - Math.sin(yaw) * away, y: y > 0.5 ? y : EYES_M, z: z - Math.cos(yaw) * away };
}

/** The place over a spot of the floor, at the height of `eye`. */
export function over(spot, eye) {
  return { x: spot.x, y: spot.y + Math.max(0.9, Math.min(1.9, eye.y - spot.y)), z: spot.z };
}

/** The angles from a face at `from` to an eye at `to`: `yaw` about the vertical (0: along +z), `pitch` up. */
export function towards(from, to) {
  const [x, y, z] = [to.x - from.x, to.y - from.y, to.z - from.z];
  return { yaw: Math.atan2(x, z), pitch: Math.atan2(y, Math.hypot(x, z)) };
}

/** The shorter way from one angle to another, within -pi..pi. */
export function apart(to, from) {
  const turn = (to - from) % (2 * Math.PI);
  return turn > Math.PI ? turn - 2 * Math.PI : turn < -Math.PI ? turn + 2 * Math.PI : turn;
}

/**
 * How somebody meets a look: the body's yaw after `seconds`, and what neck and eyes do beside. The body follows only
 * who has gone some way; the neck takes the rest, so that the eyes rest straight ahead, on the wearer's.
 */
export function meet({ body, yaw, pitch, seconds }) {
  const away = apart(yaw, body);
  const late = Math.abs(away) > FREE_RAD ? away - Math.sign(away) * FREE_RAD * 0.5 : 0;
  const turned = body + late * (1 - Math.exp(-seconds / TURN_S));
  const clip = (angle) => Math.max(-NECK_RAD, Math.min(NECK_RAD, angle));
  return { body: turned, neck: { yaw: clip(apart(yaw, turned)), pitch: clip(pitch) } };
}
