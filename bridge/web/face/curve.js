// Smooth curves through points as cubic beziers: at each point the tangent of the parabola through it and its
// neighbours (Bessel), at an open end that of the parabola, at a corner that of either side.

/** Traces a curve through `count` points of `xy` (x, y by turns) on a 2D context, without beginPath. */
function piece(context, xy, at, count, closed) {
  const tangents = new Float64Array(2 * count);
  const steps = new Float64Array(count);
  const links = closed ? count : count - 1;
  for (let i = 0; i < links; i++) {
    const a = 2 * at[i], b = 2 * at[(i + 1) % count];
    steps[i] = Math.hypot(xy[b] - xy[a], xy[b + 1] - xy[a + 1]);
  }
  for (let i = 0; i < count; i++) {
    if (!closed && (i === 0 || i === count - 1)) continue;
    const before = (i + count - 1) % count, after = (i + 1) % count;
    const d0 = steps[before], d1 = steps[i];
    if (d0 < 1e-6 || d1 < 1e-6) continue;
    for (let axis = 0; axis < 2; axis++) {
      const here = xy[2 * at[i] + axis];
      const v0 = (here - xy[2 * at[before] + axis]) / d0, v1 = (xy[2 * at[after] + axis] - here) / d1;
      tangents[2 * i + axis] = (v0 * d1 + v1 * d0) / (d0 + d1);
    }
  }
  if (!closed) {
    const last = count - 1;
    for (let axis = 0; axis < 2; axis++) {
      const first = steps[0] && (xy[2 * at[1] + axis] - xy[2 * at[0] + axis]) / steps[0];
      const final = steps[last - 1] && (xy[2 * at[last] + axis] - xy[2 * at[last - 1] + axis]) / steps[last - 1];
      tangents[axis] = count > 2 ? 2 * first - tangents[2 + axis] : first;
      tangents[2 * last + axis] = count > 2 ? 2 * final - tangents[2 * (last - 1) + axis] : final;
    }
  }
  for (let i = 0; i < links; i++) {
    const j = (i + 1) % count, a = 2 * at[i], b = 2 * at[j], third = steps[i] / 3;
    context.bezierCurveTo(
      xy[a] + third * tangents[2 * i], xy[a + 1] + third * tangents[2 * i + 1],
      xy[b] - third * tangents[2 * j], xy[b + 1] - third * tangents[2 * j + 1],
      xy[b], xy[b + 1],
    );
  }
}

/** Point numbers written as [first, count], backwards where the count is negative. */
const spread = (runs) =>
  runs.flatMap(([first, count]) => Array.from({ length: Math.abs(count) }, (_, n) => first + n * Math.sign(count)));

/** The pieces of a path of a rig: lists of point numbers, smooth within, each closed on itself or open. */
export function pieces({ points: runs, strands, closed = false, corners = [] }) {
  if (strands) return strands.map((strand) => ({ at: spread(strand), closed: false, apart: true }));
  const points = spread(runs);
  if (!corners.length) return [{ at: points, closed }];
  const ends = closed ? [...corners, corners[0] + points.length] : [...new Set([0, ...corners, points.length - 1])];
  const parts = [];
  for (let n = 0; n + 1 < ends.length; n++) {
    const at = [];
    for (let i = ends[n]; i <= ends[n + 1]; i++) at.push(points[i % points.length]);
    parts.push({ at, closed: false });
  }
  return parts;
}

/** Traces the pieces of a path on a 2D context. */
export function trace(context, xy, parts) {
  context.beginPath();
  context.moveTo(xy[2 * parts[0].at[0]], xy[2 * parts[0].at[0] + 1]);
  for (const { at, closed, apart } of parts) {
    if (apart) context.moveTo(xy[2 * at[0]], xy[2 * at[0] + 1]);
    piece(context, xy, at, at.length, closed);
  }
}
