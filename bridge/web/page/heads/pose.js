/** Where a 3D head is in its scene, and which bone turns it. */

import * as THREE from "three";

const ABOVE = 0.13; // of a person's height is from the head's joint to the crown
const DOWN = 1.25; // rad
const HANGS = 0.28; // rad from straight down
const ROOM = 1.35; // of the face's height is shown
const EYES = 0.53; // of a head's height from its foot

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

/** Models come with their arms stretched out, or half down: let them hang, of a VRM by its bones, of others by their names. */
export function lowerArms(vrm, model) {
  if (!vrm) return lowerNamed(model);
  for (const [name, side] of [["leftUpperArm", -1], ["rightUpperArm", 1]]) {
    const arm = vrm.humanoid?.getNormalizedBoneNode(name);
    if (arm) arm.rotation.z = side * DOWN * wayOf(vrm);
  }
  return undefined;
}

// Mixamo's LeftArm, Unreal's upperarm_l, Blender's upper_arm.L (which three.js makes upper_armL), MikuMikuDance's.
const ARM = /(left|right)_?(upper_?)?arm$|upper_?arm[._]?(l|r|left|right)$|(左|右)腕$/i;

function lowerNamed(model) {
  const down = new THREE.Vector3(0, -1, 0);
  const arms = [];
  model.updateWorldMatrix(true, true);
  model.traverse((node) => !node.isMesh && ARM.test(node.name) && !/fore|lower/i.test(node.name) && arms.push(node));
  for (const arm of arms) {
    const next = arm.children.find((child) => !child.isMesh && child.position.lengthSq() > 0);
    if (!next || !arm.parent) continue;
    const way = next.getWorldPosition(new THREE.Vector3()).sub(arm.getWorldPosition(new THREE.Vector3())).normalize();
    const angle = way.angleTo(down) - HANGS;
    if (angle < 0.05) continue; // it hangs already
    const axis = way.clone().cross(down);
    if (axis.lengthSq() < 1e-9) continue;
    const turn = new THREE.Quaternion().setFromAxisAngle(axis.normalize(), angle);
    const parent = arm.parent.getWorldQuaternion(new THREE.Quaternion());
    arm.quaternion.premultiply(parent.clone().invert().multiply(turn).multiply(parent));
    arm.updateWorldMatrix(false, true);
  }
}

/** What the camera shows, in the model's units: the middle `{x, y, z}`, the size, how high `face` is and its `eyes` are. */
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
  const tall = Math.max(1e-3, top - bottom);
  const height = tall * ROOM;
  // Of a head, the eyes are a little above the middle of its height.
  return { face: tall, eyes: bottom + EYES * tall, x: middle.x, y: (top + bottom) / 2 - 0.06 * height, z: middle.z, height, width: height * 0.8 };
}
