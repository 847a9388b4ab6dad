/**
 * The companion in the room of whoever wears a headset or looks through a phone: WebXR, with the 3D head that is worn.
 *
 * It stands as large as life 1.2 m away, in AR where the first touch puts it on the floor. It turns to the wearer and
 * meets their eyes, its voice comes from its mouth, a panel shows the words, and trigger or pinch is the key to talk.
 */

import * as THREE from "three";

import { Panel } from "./panel.js";
import { before, meet, over, scaleOf, towards } from "./place.js";

const MOUTH_M = 0.09; // below the eyes
const PANEL_M = [0.3, 0.08]; // below and before the face
const KEPT = 900; // frame times that are remembered

/** Which of `immersive-vr` and `immersive-ar` this browser has. */
export async function modes() {
  const { xr } = navigator;
  if (!xr) return [];
  const asked = ["immersive-vr", "immersive-ar"].map(async (mode) => ((await xr.isSessionSupported(mode).catch(() => false)) ? mode : null));
  return (await Promise.all(asked)).filter(Boolean);
}

export class Room {
  #panel;
  #stand = new THREE.Group();
  #weights = new Float32Array(0);
  #at = null; // of the face, once the wearer is seen
  #body = 0;
  #before = 0;
  #times = [];
  #hits = null;
  #placed = false;
  #ring = null;

  /**
   * Enter; call it in a click. `words()` are those to be shown, `talk(on)` is the key. Rejects with `{code: "no_xr"}`
   * where the browser or the wearer refuses.
   */
  static async enter(mode, { head, companion, sound, words, talk, onEnd }) {
    let session;
    try {
      session = await navigator.xr.requestSession(mode, {
        requiredFeatures: ["local-floor"],
        optionalFeatures: mode === "immersive-ar" ? ["hit-test", "hand-tracking"] : ["hand-tracking"],
      });
    } catch (error) {
      throw Object.assign(new Error(error.message), { code: "no_xr" });
    }
    const room = new Room({ session, mode, head, companion, sound, words, talk, onEnd });
    await room.#begin();
    return room;
  }

  constructor(parts) {
    Object.assign(this, parts);
    const { view, model, scene } = this.head;
    this.scale = scaleOf(view.face);
    this.#panel = new Panel();
    // The eyes are where the stand is, whatever the model's own origin.
    const [x, y, z] = [view.x, view.eyes, view.z].map((value) => -value * this.scale);
    model.scale.multiplyScalar(this.scale);
    model.position.add(new THREE.Vector3(x, y, z));
    this.#stand.add(model);
    this.#panel.mesh.position.set(0, -PANEL_M[0], PANEL_M[1]);
    this.#stand.add(this.#panel.mesh);
    scene.add(this.#stand);
    this.home = { x, y, z };
  }

  async #begin() {
    const { session, head, mode } = this;
    const { renderer } = head;
    renderer.xr.enabled = true;
    renderer.xr.setReferenceSpaceType("local-floor");
    await renderer.xr.setSession(session);
    for (const event of ["selectstart", "selectend"]) session.addEventListener(event, () => this.#key(event === "selectstart"));
    session.addEventListener("end", () => this.#end());
    if (mode === "immersive-ar") await this.#seekFloor();
    renderer.setAnimationLoop((now, frame) => frame && this.#draw(now, frame));
  }

  async #seekFloor() {
    try {
      const viewer = await this.session.requestReferenceSpace("viewer");
      this.#hits = await this.session.requestHitTestSource({ space: viewer });
    } catch {
      this.#hits = null; // it stands before the wearer then
      return;
    }
    this.#ring = new THREE.Mesh(new THREE.RingGeometry(0.12, 0.15, 32).rotateX(-Math.PI / 2), new THREE.MeshBasicMaterial({ color: 0x5cc4bd }));
    this.#ring.visible = false;
    this.head.scene.add(this.#ring);
  }

  /** The trigger or the pinch: the first puts somebody on the floor that is looked at, every other is the key to talk. */
  #key(on) {
    if (this.#hits && !this.#placed) {
      if (!on || !this.#ring.visible) return;
      this.#placed = true;
      this.#ring.visible = false;
      this.#at = over(this.#ring.position, this.eye);
      return;
    }
    this.talk(on);
  }

  #draw(now, frame) {
    const { head, companion } = this;
    const { renderer, scene, camera } = head;
    const seconds = this.#before ? Math.min(0.1, (now - this.#before) / 1000) : 0;
    if (this.#before) this.#times.push(now - this.#before);
    if (this.#times.length > KEPT) this.#times.shift();
    this.#before = now;
    const space = renderer.xr.getReferenceSpace();
    const pose = frame.getViewerPose(space);
    if (pose) this.#see(pose, seconds);
    if (this.#hits && !this.#placed) this.#aim(frame, space);
    const { names } = companion;
    if (this.#weights.length !== names.length) this.#weights = new Float32Array(names.length);
    companion.faceAt(performance.now() + 8, this.#weights);
    head.setWeights(names, this.#weights);
    this.#panel.show(this.words(), companion.welcome?.identity.disclosure);
    head.animate(now);
    renderer.render(scene, camera);
  }

  #aim(frame, space) {
    const [hit] = frame.getHitTestResults(this.#hits);
    const at = hit?.getPose(space)?.transform.position;
    this.#ring.visible = Boolean(at);
    if (at) this.#ring.position.set(at.x, at.y, at.z);
  }

  /** Stand before the wearer, turn to them, meet their eyes, and be heard from where the mouth is. */
  #see({ transform }, seconds) {
    const { position: eye, orientation: o } = transform;
    this.eye = { x: eye.x, y: eye.y, z: eye.z };
    const facing = Math.atan2(2 * (o.x * o.z + o.w * o.y), 1 - 2 * (o.x * o.x + o.y * o.y));
    if (!this.#at) {
      this.#at = before(this.eye, facing);
      this.#body = towards(this.#at, this.eye).yaw;
    }
    const look = meet({ body: this.#body, ...towards(this.#at, this.eye), seconds });
    this.#body = look.body;
    this.#stand.position.set(this.#at.x, this.#at.y, this.#at.z);
    this.#stand.rotation.y = this.#body;
    this.head.look = look.neck;
    this.#hear(o);
  }

  #hear(o) {
    const { context } = this.companion.speaker ?? {};
    if (!context || context.state === "closed") return;
    const forward = new THREE.Vector3(Math.sin(this.#body), 0, Math.cos(this.#body)).multiplyScalar(0.1);
    this.sound.place({ x: this.#at.x + forward.x, y: this.#at.y - MOUTH_M, z: this.#at.z + forward.z });
    const turn = new THREE.Quaternion(o.x, o.y, o.z, o.w);
    const ahead = new THREE.Vector3(0, 0, -1).applyQuaternion(turn);
    const up = new THREE.Vector3(0, 1, 0).applyQuaternion(turn);
    const { listener } = context;
    const values = { positionX: this.eye.x, positionY: this.eye.y, positionZ: this.eye.z, forwardX: ahead.x, forwardY: ahead.y, forwardZ: ahead.z, upX: up.x, upY: up.y, upZ: up.z };
    for (const [name, value] of Object.entries(values)) if (listener[name]) listener[name].value = value;
  }

  /** What drawing takes: draw calls and triangles of the last frame, ms between frames. */
  stats() {
    const { calls, triangles } = this.head.renderer.info.render;
    const sorted = [...this.#times].sort((a, b) => a - b);
    const share = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
    return { frames: sorted.length, median: share(0.5), p95: share(0.95), calls, triangles };
  }

  /** Where the face is, for whoever measures. */
  get at() {
    return this.#at && { ...this.#at, body: this.#body, placed: this.#placed, scale: this.scale };
  }

  /** Leave. */
  leave() {
    return this.session.end();
  }

  #end() {
    const { head, scale, home } = this;
    const { renderer, model, scene } = head;
    renderer.setAnimationLoop(null);
    renderer.xr.enabled = false;
    this.#hits?.cancel?.();
    if (this.#ring) {
      scene.remove(this.#ring);
      this.#ring.geometry.dispose();
      this.#ring.material.dispose();
    }
    this.#panel.dispose();
    scene.remove(this.#stand);
    model.position.sub(new THREE.Vector3(home.x, home.y, home.z));
    model.scale.divideScalar(scale);
    scene.add(model);
    head.look = { yaw: 0, pitch: 0 };
    head.setSharpness(1); // the size of the page's canvas again
    this.sound.place(null);
    this.talk(false);
    this.onEnd();
  }
}
