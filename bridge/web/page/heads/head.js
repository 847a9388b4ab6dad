/**
 * A 3D head from a GLB or VRM file, with the interface of face/face.js. three.js and three-vrm come from the extras of
 * the server (`companion page --with-3d`); this module cannot be loaded without them.
 */

import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";

import { match } from "./names.js";
import { frame, headOf, lowerArms, wayOf } from "./pose.js";

const SHARPEST = 2;
const FIELD = 22; // degrees from top to bottom

export class Head {
  /** The head in `data` (ArrayBuffer) on `canvas`; throws `{code}` with what is wrong: bad_head, no_shapes, no_webgl. */
  static async open(canvas, data) {
    const loader = new GLTFLoader();
    loader.register((parser) => new VRMLoaderPlugin(parser));
    let gltf;
    try {
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
    if (this.vrm) lowerArms(this.vrm);
    this.#stage();
  }

  #stage() {
    try {
      this.renderer = new THREE.WebGLRenderer({ canvas: this.canvas, alpha: true, antialias: true });
    } catch (error) {
      throw Object.assign(error, { code: "no_webgl" });
    }
    this.renderer.setClearColor(0x000000, 0);
    const key = new THREE.DirectionalLight(0xfff4e6, 2.2);
    key.position.set(-0.8, 1.4, 2);
    this.scene.add(new THREE.HemisphereLight(0xffffff, 0xb9a898, 1.5), key, this.model);
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
    const passed = Math.min(0.1, Math.max(0, (timeMs - this.before) / 1000));
    this.before = timeMs;
    this.#turn();
    if (this.vrm?.lookAt && this.profile === "vrm") {
      const { lookUp, lookDown, lookLeft, lookRight } = this.gaze;
      Object.assign(this.vrm.lookAt, { yaw: (lookLeft - lookRight) * 30, pitch: (lookDown - lookUp) * 20 });
    }
    this.vrm?.update(passed);
    this.#fit();
    this.renderer.render(this.scene, this.camera);
  }

  #turn() {
    const { neck, rest, vrm } = this;
    if (!neck) return;
    const { headYaw, headPitch, headRoll } = this.angles;
    const way = wayOf(vrm);
    const turn = new THREE.Quaternion().setFromEuler(new THREE.Euler(-headPitch * way, headYaw, headRoll * way, "YXZ"));
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
