// Tiny 3D heads, made here: a sheet of points that each shape moves, as GLB and as VRM 0 and 1.

export const ARKIT = "eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft eyeWideLeft eyeBlinkRight eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight eyeSquintRight eyeWideRight jawForward jawLeft jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight mouthStretchLeft mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthPressLeft mouthPressRight mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft cheekSquintRight noseSneerLeft noseSneerRight tongueOut".split(" ");
export const OCULUS = "sil PP FF TH DD kk CH SS nn RR aa E I O U".split(" ").map((name) => `viseme_${name}`);
export const VOWELS = { aa: "A", ih: "I", ou: "U", ee: "E", oh: "O", blink: "Blink", happy: "Joy" };

// A grid of SIDE x SIDE points, 0.2 wide and 0.24 high, a little vaulted; the head's joint is at its foot.
const SIDE = 9;
const STRAIGHT = { curve: [0, 0, 0, 1, 1, 1, 1, 0], xRange: 90, yRange: 10 }; // of a VRM 0's gaze
const BONES = "hips spine chest neck head leftUpperArm leftLowerArm leftHand rightUpperArm rightLowerArm rightHand leftUpperLeg leftLowerLeg leftFoot rightUpperLeg rightLowerLeg rightFoot".split(" ");

function grid() {
  const [points, normals, faces] = [[], [], []];
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < SIDE; column += 1) {
      const [u, v] = [column / (SIDE - 1) - 0.5, row / (SIDE - 1)];
      points.push(u * 0.2, v * 0.24, 0.08 - 0.3 * u * u);
      normals.push(u, 0, 1);
      if (!row || !column) continue;
      const at = row * SIDE + column;
      faces.push(at - SIDE - 1, at - SIDE, at, at - SIDE - 1, at, at - 1);
    }
  }
  return { points, normals, faces };
}

/** How shape number `index` moves each point: the lower third down, each by another amount. */
const shape = (index) => grid().points.map((_, at) => (at % 3 === 1 && at / 3 < (SIDE * SIDE) / 3 ? -0.03 - 0.0004 * index : 0));

function pack(json, chunks) {
  const align = (bytes, fill) => {
    const out = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(fill);
    out.set(bytes);
    return out;
  };
  const body = align(new Uint8Array(Buffer.concat(chunks)), 0);
  json.buffers = [{ byteLength: body.length }];
  const head = align(new TextEncoder().encode(JSON.stringify(json)), 0x20);
  const file = Buffer.alloc(12 + 8 + head.length + 8 + body.length);
  [0x46546c67, 2, file.length, head.length, 0x4e4f534a].forEach((value, index) => file.writeUInt32LE(value, 4 * index));
  file.set(head, 20);
  file.writeUInt32LE(body.length, 20 + head.length);
  file.writeUInt32LE(0x004e4942, 24 + head.length);
  file.set(body, 28 + head.length);
  return file;
}

/** A GLB (Buffer) whose mesh has the shapes `names`; `more(json)` may add to it before it is packed. */
export function glb(names, more = () => {}) {
  const { points, normals, faces } = grid();
  const json = { asset: { version: "2.0" }, scene: 0, scenes: [{ nodes: [0] }], accessors: [], bufferViews: [] };
  const chunks = [];
  let length = 0;
  const add = (values, type, Kind, componentType) => {
    const bytes = Buffer.from(new Kind(values).buffer);
    json.bufferViews.push({ buffer: 0, byteOffset: length, byteLength: bytes.length });
    const each = { VEC3: 3, SCALAR: 1 }[type];
    const columns = Array.from({ length: each }, (_, axis) => values.filter((_, at) => at % each === axis));
    json.accessors.push({ bufferView: json.bufferViews.length - 1, componentType, count: values.length / each, type, min: columns.map((c) => Math.min(...c)), max: columns.map((c) => Math.max(...c)) });
    length += Math.ceil(bytes.length / 4) * 4;
    chunks.push(Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]));
    return json.accessors.length - 1;
  };
  const floats = (values) => add(values, "VEC3", Float32Array, 5126);
  const primitive = { attributes: { POSITION: floats(points), NORMAL: floats(normals) }, indices: add(faces, "SCALAR", Uint16Array, 5123), material: 0 };
  primitive.targets = names.map((_, index) => ({ POSITION: floats(shape(index)) }));
  json.materials = [{ doubleSided: true, pbrMetallicRoughness: { baseColorFactor: [0.85, 0.55, 0.4, 1], metallicFactor: 0 } }];
  json.meshes = [{ primitives: [primitive], extras: { targetNames: names } }];
  json.nodes = [{ name: "Head", children: [1] }, { name: "face", mesh: 0 }];
  more(json);
  return pack(json, chunks);
}

function skeleton(json) {
  json.nodes = BONES.map((name) => ({ name, translation: [0, name === "hips" ? 0.9 : 0.1, 0] }));
  const at = (name) => BONES.indexOf(name);
  const link = (parent, ...children) => (json.nodes[at(parent)].children = children.map(at));
  link("hips", "spine", "leftUpperLeg", "rightUpperLeg");
  link("spine", "chest");
  link("chest", "neck", "leftUpperArm", "rightUpperArm");
  link("neck", "head");
  for (const side of ["left", "right"]) {
    link(`${side}UpperArm`, `${side}LowerArm`);
    link(`${side}LowerArm`, `${side}Hand`);
    link(`${side}UpperLeg`, `${side}LowerLeg`);
    link(`${side}LowerLeg`, `${side}Foot`);
  }
  json.nodes.push({ name: "face", mesh: 0 });
  json.nodes[at("head")].children = [BONES.length];
}

/** A VRM 1 with the expressions `names`, each bound to a shape of its own. */
export function vrm1(names = Object.keys(VOWELS)) {
  return glb(names.map((name) => `Fcl_${name}_x`), (json) => {
    skeleton(json);
    const preset = Object.fromEntries(names.map((name, index) => [name, { morphTargetBinds: [{ node: BONES.length, index, weight: 1 }] }]));
    const humanBones = Object.fromEntries(BONES.map((name, node) => [name, { node }]));
    const meta = { name: "test", version: "1", authors: ["test"], licenseUrl: "https://vrm.dev/licenses/1.0/" };
    json.extensionsUsed = ["VRMC_vrm"];
    json.extensions = { VRMC_vrm: { specVersion: "1.0", meta, humanoid: { humanBones }, expressions: { preset } } };
  });
}

/** A VRM 0, which looks the other way, with blend shape groups called `names` (name: preset or ""). */
export function vrm0(groups = { A: "a", I: "i", U: "u", E: "e", O: "o", Blink: "blink", Joy: "joy" }) {
  const names = Object.keys(groups);
  return glb(names.map((name) => `Fcl_${name}_x`), (json) => {
    skeleton(json);
    json.nodes.at(-1).rotation = [0, 1, 0, 0];
    const blendShapeGroups = names.map((name, index) => ({ name, presetName: groups[name] || "unknown", binds: [{ mesh: 0, index, weight: 100 }], materialValues: [] }));
    const humanBones = BONES.map((bone, node) => ({ bone, node, useDefaultValues: true }));
    json.extensionsUsed = ["VRM"];
    json.extensions = { VRM: { exporterVersion: "test", specVersion: "0.0", meta: { title: "test" }, humanoid: { humanBones }, firstPerson: { lookAtTypeName: "Bone", lookAtHorizontalInner: STRAIGHT, lookAtHorizontalOuter: STRAIGHT, lookAtVerticalDown: STRAIGHT, lookAtVerticalUp: STRAIGHT }, blendShapeMaster: { blendShapeGroups }, secondaryAnimation: { boneGroups: [], colliderGroups: [] }, materialProperties: [] } };
  });
}

/** A GLB changed by `change(json, body)`, which returns bytes to add after its body. */
function extended(file, change) {
  const length = file.readUInt32LE(12);
  const json = JSON.parse(file.subarray(20, 20 + length).toString());
  const body = file.subarray(28 + length);
  return pack(json, [body, change(json, body)]);
}

/** A GLB whose points are packed by Meshopt's codec for vertices (version 0, each byte as a plain difference). */
export function meshopt(file) {
  return extended(file, (json, body) => {
    const view = json.bufferViews[json.accessors[0].bufferView];
    const stride = 12;
    const count = view.byteLength / stride;
    const plain = body.subarray(view.byteOffset, view.byteOffset + view.byteLength);
    const groups = Math.ceil(count / 16);
    const out = [0xa0];
    for (let byte = 0; byte < stride; byte += 1) {
      out.push(...new Array(Math.ceil(groups / 4)).fill(0xff)); // eight bits for each
      let before = plain[byte];
      for (let at = 0; at < groups * 16; at += 1) {
        const now = at < count ? plain[at * stride + byte] : before;
        const step = ((now - before) << 24) >> 24;
        out.push(((step << 1) ^ (step >> 7)) & 0xff);
        before = now;
      }
    }
    out.push(...new Array(32 - stride).fill(0), ...plain.subarray(0, stride));
    const packed = { buffer: 0, byteOffset: body.length, byteLength: out.length, byteStride: stride, count, mode: "ATTRIBUTES", filter: "NONE" };
    view.extensions = { EXT_meshopt_compression: packed };
    body.fill(0, view.byteOffset, view.byteOffset + view.byteLength); // so that only the packed points can be read
    json.extensionsUsed = json.extensionsRequired = ["EXT_meshopt_compression"];
    return Buffer.from(out);
  });
}

// The grid above, packed by Draco (sequential, so that points keep their numbers; 12 bits a coordinate).
const PACKED =
  "RFJBQ08CAgEAAACAAVEBAAEKAAoJAQILAQsKAgMMAgwLAwQNAw0MBAUOBA4NBQYPBQ8OBgcQBhAPBwgRBxEQCQoTCRMSCgsUChQTCwwVCxUUDA0WDBYVDQ4XDRcWDg8YDhgXDxAZDxkYEBEaEBoZEhMcEhwbExQdEx0cFBUeFB4dFRYfFR8eFhcgFiAfFxghFyEgGBkiGCIhGRojGSMiGxwlGyUkHB0mHCYlHR4nHScmHh8oHignHyApHykoICEqICopISIrISsqIiMsIiwrJCUuJC4tJSYvJS8uJicwJjAvJygxJzEwKCkyKDIxKSozKTMyKis0KjQzKyw1KzU0LS43LTc2Li84Ljg3LzA5Lzk4MDE6MDo5MTI7MTs6MjM8Mjw7MzQ9Mz08NDU+ND49NjdANkA/NzhBN0FAODlCOEJBOTpDOUNCOjtEOkRDOzxFO0VEPD1GPEZFPT5HPUdGP0BJP0lIQEFKQEpJQUJLQUtKQkNMQkxLQ0RNQ01MREVORE5NRUZPRU9ORkdQRlBPAQIACQMAAAEJAwABAgMAAQEBA9cK1RX//3dhAmEC//////dhAmEC//////dhAmECyx0HA9kL//+bRAPZAf93YQJhAv///9MdAmBVFTSmSyv/wu3fzF98mitD0Elq4OiYdAy0ipzRmnjThCfQu4F965b8l8VI2yK07/L8sQHg+QVC9QvixkMyzObVUvZUjgdT6obtijVCLcU5rM8/Ph0Db8AA48qctzM2w4gAAAAA/w8AAAADAQEDPt0cAx0HHQcXKQMnZHspAxcdBx0HM1FBi4Mlm7Ib9RkohDRlt3aE3EW2oVx2FR7HNI3Tq+5r6c+nlcHjfJlgo8yT3EW2oQhWhj8AAAAfAAAAzczMvQAAAAAK16M7j8J1PgwG";

/** A GLB whose mesh is packed by Draco. */
export function draco(file) {
  return extended(file, (json, body) => {
    const packed = Buffer.from(PACKED, "base64");
    json.bufferViews.push({ buffer: 0, byteOffset: body.length, byteLength: packed.length });
    const [primitive] = json.meshes[0].primitives;
    primitive.extensions = { KHR_draco_mesh_compression: { bufferView: json.bufferViews.length - 1, attributes: { POSITION: 0, NORMAL: 1 } } };
    for (const at of [primitive.attributes.POSITION, primitive.attributes.NORMAL, primitive.indices]) delete json.accessors[at].bufferView;
    json.extensionsUsed = json.extensionsRequired = ["KHR_draco_mesh_compression"];
    return packed;
  });
}
