/**
 * A 3D head from a GLB or VRM file, with the interface of face/face.js. three.js and three-vrm come from the extras of
 * the server (`companion page --with-3d`); this module cannot be loaded without them.
 */

import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";

import { match } from "./names.js";
import { prepare } from "./packed.js";
import { frame, headOf, lowerArms, wayOf } from "./pose.js";

const SHARPEST = 2;
const FIELD = 22; // degrees from top to bottom
// Colour, strength, and where from: a key light, a fill, and two behind that part hair and shoulders from the ground.
const LIGHTS = [
  [0xfff1e2, 2.6, -0.52, 0.62, 0.8],
  [0xe2ebff, 0.5, 0.85, 0.12, 0.65],
  [0xffffff, 1.5, 0.7, 0.55, -0.85],
  [0xffffff, 0.9, -0.8, 0.35, -0.85],
];

export class Head {
  /** The head in `data` (ArrayBuffer) on `canvas`; throws `{code}` with what is wrong: bad_head, no_shapes, no_webgl. */
  static async open(canvas, data) {
    const loader = new GLTFLoader();
    loader.register((parser) => new VRMLoaderPlugin(parser));
    let gltf;
    try {
      await prepare(loader, data);
      gltf = await loader.parseAsync(data, "");
    } catch (error) {
      throw Object.assign(new Error(error.message), { code: "bad_head" });
    }
    return new Head(canvas, gltf);
  }

  constructor(canvas, gltf) {
    this.canvas = canvas;
    this.vrm = gltf.userData.vrm ?? null;
    this.scene = new THREE.Scene();
    this.model = this.vrm?.scene ?? gltf.scene;
    if (this.vrm) VRMUtils.rotateVRM0(this.vrm);
    this.meshes = [];
    this.model.traverse((node) => {
      node.frustumCulled = false; // shapes and bones move what the bounds do not know
      if (node.morphTargetDictionary) this.meshes.push(node);
    });
    const expressions = Object.keys(this.vrm?.expressionManager?.expressionMap ?? {});
    const shapes = new Set(this.meshes.flatMap((mesh) => Object.keys(mesh.morphTargetDictionary)));
    const [byExpression, byShape] = [match(expressions), match([...shapes])];
    // Shapes show all of ARKit's channels; otherwise a VRM's own expressions know best.
    const named = byExpression.profile === "arkit52" || (byShape.profile !== "arkit52" && byExpression.profile !== "none");
    const { profile, targets } = named ? byExpression : byShape;
    if (profile === "none") throw Object.assign(new Error("no shapes"), { code: "no_shapes", shapes: [...shapes] });
    this.profile = profile;
    this.targets = targets;
    this.expressions = named;
    this.angles = { headYaw: 0, headPitch: 0, headRoll: 0 };
    this.gaze = { lookUp: 0, lookDown: 0, lookLeft: 0, lookRight: 0 };
    this.neck = headOf(this.vrm, this.model);
    this.rest = this.neck?.quaternion.clone();
    this.before = 0;
    this.fine = 1;
    /** How far the head is turned (rad) beside what it is told, to meet somebody's eyes in a room. */
    this.look = { yaw: 0, pitch: 0 };
    lowerArms(this.vrm, this.model);
    this.#stage();
  }

  #stage() {
    try {
      this.renderer = new THREE.WebGLRenderer({ canvas: this.canvas, alpha: true, antialias: true });
    } catch (error) {
      throw Object.assign(error, { code: "no_webgl" });
    }
    this.renderer.setClearColor(0x000000, 0);
    // MToon's colours are meant as they are; what is lit as in nature may be brighter than the screen.
    if (!this.vrm?.materials?.some((each) => each.isMToonMaterial)) this.renderer.toneMapping = THREE.NeutralToneMapping;
    this.scene.add(new THREE.HemisphereLight(0xffffff, 0xa8968a, 1.35), this.model);
    for (const [colour, strength, ...place] of LIGHTS) {
      const light = new THREE.DirectionalLight(colour, strength);
      light.position.set(...place);
      this.scene.add(light);
    }
    this.camera = new THREE.PerspectiveCamera(FIELD, 1, 0.01, 100);
    this.model.updateWorldMatrix(true, true);
    this.view = frame(this.model, this.meshes, this.neck);
  }

  /** As `Face.setSharpness`. */
  setSharpness(factor) {
    this.fine = factor;
    this.width = 0;
  }

  /** As `Face.setWeights`. */
  setWeights(names, values) {
    names.forEach((name, index) => {
      const value = values[index];
      if (!Number.isFinite(value)) return;
      if (name in this.angles) this.angles[name] = value;
      else if (name in this.gaze) this.gaze[name] = value;
      for (const target of this.targets.get(name) ?? []) this.#show(target, Math.min(1, Math.max(0, value)));
    });
  }

  #show(target, weight) {
    if (this.expressions) return this.vrm.expressionManager.setValue(target, weight);
    for (const { morphTargetDictionary: at, morphTargetInfluences: influences } of this.meshes) {
      if (target in at) influences[at[target]] = weight;
    }
    return undefined;
  }

  /** As `Face.draw`. */
  draw(timeMs = 0) {
    this.animate(timeMs);
    this.#fit();
    this.renderer.render(this.scene, this.camera);
  }

  /** Move what is not a shape: neck, gaze and what a VRM lets swing. */
  animate(timeMs) {
    const passed = Math.min(0.1, Math.max(0, (timeMs - this.before) / 1000));
    this.before = timeMs;
    this.#turn();
    if (this.vrm?.lookAt && this.profile === "vrm") {
      const { lookUp, lookDown, lookLeft, lookRight } = this.gaze;
      Object.assign(this.vrm.lookAt, { yaw: (lookLeft - lookRight) * 30, pitch: (lookDown - lookUp) * 20 });
    }
    this.vrm?.update(passed);
  }

  #turn() {
    const { neck, rest, vrm } = this;
    if (!neck) return;
    const { headYaw, headPitch, headRoll } = this.angles;
    const { yaw, pitch } = this.look;
    const way = wayOf(vrm);
    const angles = new THREE.Euler(-(headPitch + pitch) * way, headYaw + yaw, headRoll * way, "YXZ");
    const turn = new THREE.Quaternion().setFromEuler(angles);
    neck.quaternion.copy(rest).multiply(turn);
  }

  #fit() {
    const { canvas, renderer, camera, view } = this;
    const [width, height] = [canvas.clientWidth || 1, canvas.clientHeight || 1];
    const ratio = this.fine * Math.min(SHARPEST, globalThis.devicePixelRatio || 1);
    if (width !== this.width || height !== this.height) {
      renderer.setPixelRatio(ratio);
      renderer.setSize(width, height, false);
      [this.width, this.height] = [width, height];
    }
    camera.aspect = width / height;
    const high = Math.max(view.height, view.width / camera.aspect);
    camera.position.set(view.x, view.y, view.z + high / 2 / Math.tan((FIELD / 2) * (Math.PI / 180)));
    camera.near = high / 100;
    camera.far = camera.position.z + 100 * high;
    camera.lookAt(view.x, view.y, view.z);
    camera.updateProjectionMatrix();
  }

  /** Give the graphics card back what it holds of this head. */
  dispose() {
    VRMUtils.deepDispose(this.scene);
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}
