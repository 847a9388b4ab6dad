/** Where a 3D head is in its scene, and which bone turns it. */

import * as THREE from "three";

const ABOVE = 0.13; // of a person's height is from the head's joint to the crown
const DOWN = 1.25; // rad
const ROOM = 1.35; // of the face's height is shown

/** The node that the head turns about, or null. */
export function headOf(vrm, model) {
  const bone = vrm?.humanoid?.getNormalizedBoneNode("head");
  if (bone) return bone;
  let found = null;
  model.traverse((node) => {
    if (!found && !node.isMesh && /(^|[:_.\s])head$/i.test(node.name)) found = node;
  });
  return found;
}

/** 1, or -1 for VRM 0, whose bones look the other way. */
export function wayOf(vrm) {
  return vrm?.meta?.metaVersion === "0" ? -1 : 1;
}

/** A VRM comes with its arms stretched out. */
export function lowerArms(vrm) {
  for (const [name, side] of [["leftUpperArm", -1], ["rightUpperArm", 1]]) {
    const arm = vrm.humanoid?.getNormalizedBoneNode(name);
    if (arm) arm.rotation.z = side * DOWN * wayOf(vrm);
  }
}

/** What the camera shows, in the model's units: the middle `{x, y, z}` and the size. */
export function frame(model, meshes, neck) {
  const all = new THREE.Box3().setFromObject(model, true);
  const face = new THREE.Box3();
  for (const mesh of meshes) face.expandByObject(mesh, true);
  const [body, part] = [all.getSize(new THREE.Vector3()), face.getSize(new THREE.Vector3())];
  const middle = face.getCenter(new THREE.Vector3());
  let [top, bottom] = [face.max.y, face.min.y];
  if (neck && part.y > 0.3 * body.y) {
    // One mesh is the whole body: the head is what lies above its joint.
    const joint = neck.getWorldPosition(new THREE.Vector3());
    [middle.x, bottom, top] = [joint.x, joint.y, Math.max(all.max.y, joint.y + 0.3 * ABOVE * body.y)];
    if (top - bottom > 0.3 * body.y) bottom = joint.y;
  } else if (part.y > 2.2 * part.x) bottom = top - part.y * ABOVE;
  const height = Math.max(1e-3, top - bottom) * ROOM;
  return { x: middle.x, y: (top + bottom) / 2 - 0.06 * height, z: middle.z, height, width: height * 0.8 };
}
