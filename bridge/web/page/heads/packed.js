/**
 * Reads heads whose meshes are packed: Meshopt by three's decoder (WebAssembly, which the page's policy allows), Draco by
 * the decoder in plain JavaScript on the page's own thread, as the policy forbids workers made of text. Neither is
 * fetched for a head that does not ask for it.
 */

import * as THREE from "three";

const MESHOPT = ["EXT_meshopt_compression", "KHR_meshopt_compression"];
const DRACO = "KHR_draco_mesh_compression";
const [MAGIC, JSON_CHUNK] = [0x46546c67, 0x4e4f534a];

/** Give `loader` (GLTFLoader) what it needs to read `data` (ArrayBuffer). */
export async function prepare(loader, data) {
  const asked = extensions(data);
  if (MESHOPT.some((name) => asked.includes(name))) {
    const { MeshoptDecoder } = await import("three/addons/libs/meshopt_decoder.module.js");
    await MeshoptDecoder.ready;
    loader.setMeshoptDecoder(MeshoptDecoder);
  }
  if (asked.includes(DRACO)) loader.setDRACOLoader(new Draco());
}

/** The names of the extensions that a GLB uses; none where it is no GLB. */
export function extensions(data) {
  const view = new DataView(data);
  if (data.byteLength < 20 || view.getUint32(0, true) !== MAGIC || view.getUint32(16, true) !== JSON_CHUNK) return [];
  const length = Math.min(view.getUint32(12, true), data.byteLength - 20);
  try {
    const used = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, length))).extensionsUsed;
    return Array.isArray(used) ? used : [];
  } catch {
    return []; // the loader says what is wrong with it
  }
}

/** What GLTFLoader asks of a DRACOLoader. */
class Draco {
  preload() {
    this.ready ??= draco();
    this.ready.catch(() => {}); // told to whoever decodes
    return this;
  }

  decodeDracoFile(data, done, ids, types, space, failed) {
    this.preload().ready.then((made) => decode(made, new Int8Array(data), ids, types)).then(done, failed);
  }
}

let loaded;

/** Draco's decoder; fetched once. */
function draco() {
  loaded ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = import.meta.resolve("three/addons/libs/draco/gltf/draco_decoder.js");
    script.onerror = () => reject(new Error("Draco's decoder is not there"));
    // What is resolved with must not be the module itself: it has a `then` of its own.
    script.onload = () => globalThis.DracoDecoderModule({ onModuleLoaded: (module) => resolve({ module }) });
    document.head.append(script);
  });
  return loaded;
}

function decode({ module }, bytes, ids, types) {
  const decoder = new module.Decoder();
  const mesh = new module.Mesh();
  try {
    if (decoder.GetEncodedGeometryType(bytes) !== module.TRIANGULAR_MESH) throw new Error("Draco: not a mesh");
    const status = decoder.DecodeArrayToMesh(bytes, bytes.byteLength, mesh);
    if (!status.ok() || !mesh.ptr) throw new Error(`Draco: ${status.error_msg()}`);
    const geometry = new THREE.BufferGeometry();
    for (const [name, id] of Object.entries(ids)) {
      geometry.setAttribute(name, attribute(module, decoder, mesh, decoder.GetAttributeByUniqueId(mesh, id), globalThis[types[name]]));
    }
    const count = mesh.num_faces() * 3;
    const at = module._malloc(count * 4);
    decoder.GetTrianglesUInt32Array(mesh, count * 4, at);
    geometry.setIndex(new THREE.BufferAttribute(new Uint32Array(module.HEAPF32.buffer, at, count).slice(), 1));
    module._free(at);
    return geometry;
  } finally {
    module.destroy(mesh);
    module.destroy(decoder);
  }
}

function attribute(module, decoder, mesh, packed, Kind) {
  const size = packed.num_components();
  const count = mesh.num_points() * size;
  const at = module._malloc(count * Kind.BYTES_PER_ELEMENT);
  const kinds = { Float32Array: "FLOAT32", Int8Array: "INT8", Int16Array: "INT16", Int32Array: "INT32" };
  const kind = module[`DT_${kinds[Kind.name] ?? Kind.name.replace(/Array$/, "").toUpperCase()}`];
  decoder.GetAttributeDataArrayForAllPoints(mesh, packed, kind, count * Kind.BYTES_PER_ELEMENT, at);
  const values = new Kind(module.HEAPF32.buffer, at, count).slice();
  module._free(at);
  return new THREE.BufferAttribute(values, size);
}
