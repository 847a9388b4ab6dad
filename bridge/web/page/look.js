/**
 * A picture of the user for the companion when it asks for one: off until the user allows it to ask, shown to the user
 * before it goes, and sent on their word alone. One question, one picture, then the camera is off again.
 */

import { camera } from "./sight.js";
import { t } from "./words.js";

const TOOL = {
  name: "look",
  description: "Takes one picture of the user with their camera, if they agree to it. Use it when the user wants you to look at them or at something they hold up.",
  parameters: { type: "object", properties: {} },
};
const LARGEST = 200_000; // bytes of a picture; a message may have a third more
const HURRY_MS = 700; // before the server waits no longer
const WIDE = 640;

const $ = (id) => document.getElementById(id);

export class Look {
  #stream = null;
  #answer = null; // settles the question that is open
  #on = false;

  constructor({ onFault }) {
    this.onFault = onFault;
    this.box = $("be-shown");
    this.dialog = $("look");
    this.box.onchange = () => this.#switch(this.box.checked);
    $("look-send").onclick = () => this.#answer?.("send");
    $("look-no").onclick = () => this.#answer?.("no");
    this.dialog.oncancel = () => this.#answer?.("no");
    addEventListener("pagehide", () => this.#close());
  }

  follow(companion) {
    this.companion = companion;
    companion.on("welcome", ({ features, resumed }) => {
      const can = features.includes("look") && companion.session.hello.role !== "viewer" && Boolean(navigator.mediaDevices);
      $("set-look").hidden = !can;
      if (!can) this.box.checked = this.#on = false;
      else if (this.#on && !resumed) companion.tools([TOOL]);
    });
    companion.on("tool_call", (call) => call.name === TOOL.name && this.#asked(companion, call));
    companion.on("interrupted", () => this.#answer?.("late"));
    companion.on("status", ({ status }) => status === "over" && this.#answer?.("late"));
  }

  #switch(on) {
    this.#on = on;
    this.companion.tools(on ? [TOOL] : []);
    if (!on) this.#answer?.("no");
  }

  async #asked(companion, { call, timeout_ms }) {
    if (!this.#on || this.#answer) return companion.toolResult(call, "The user is not to be asked now.", "failed");
    const asked = new Promise((resolve) => (this.#answer = resolve));
    const timer = setTimeout(() => this.#answer("late"), Math.max(0, timeout_ms - HURRY_MS));
    try {
      await this.#show(companion);
      const answer = await asked;
      if (answer === "send") companion.camera(await this.#taken(), { call });
      else companion.toolResult(call, answer === "no" ? "The user does not want to be seen now." : "The user has not answered.", "failed");
      $("look-told").textContent = answer === "send" ? t("look_sent") : "";
    } catch (error) {
      companion.toolResult(call, "The user's camera cannot be used.", "failed");
      this.onFault({ code: camera(error), message: error.message });
    } finally {
      clearTimeout(timer);
      this.#close();
    }
    return undefined;
  }

  async #show(companion) {
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: WIDE } } });
    const video = $("look-video");
    video.srcObject = this.#stream;
    await video.play();
    $("look-title").textContent = t("look_title", { name: companion.welcome.identity.name });
    this.dialog.showModal();
  }

  /** The picture that the user sees now, as a JPEG that is small enough. */
  async #taken() {
    const video = $("look-video");
    const canvas = document.createElement("canvas");
    const share = Math.min(1, WIDE / video.videoWidth);
    Object.assign(canvas, { width: Math.round(video.videoWidth * share), height: Math.round(video.videoHeight * share) });
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.85, 0.6, 0.3]) {
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (blob.size <= LARGEST || quality === 0.3) return new Uint8Array(await blob.arrayBuffer());
    }
    return undefined;
  }

  #close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = this.#answer = null;
    $("look-video").srcObject = null;
    if (this.dialog.open) this.dialog.close();
  }
}
