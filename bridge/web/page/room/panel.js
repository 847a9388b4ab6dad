/** A panel with the words that are heard, below a face in a room: a canvas on a plane, drawn when the words change. */

import * as THREE from "three";

const SIZE = [1024, 256];
const WIDE_M = 0.62;
const FONT = 56;

export class Panel {
  #shown = "";

  constructor(dir = "ltr") {
    this.canvas = Object.assign(document.createElement("canvas"), { width: SIZE[0], height: SIZE[1] });
    this.canvas.dir = dir;
    this.texture = new THREE.CanvasTexture(this.canvas);
    this.texture.colorSpace = THREE.SRGBColorSpace;
    const material = new THREE.MeshBasicMaterial({ map: this.texture, transparent: true, depthWrite: false });
    this.mesh = new THREE.Mesh(new THREE.PlaneGeometry(WIDE_M, (WIDE_M * SIZE[1]) / SIZE[0]), material);
    this.mesh.visible = false;
  }

  /** Show `text`, and below it the notice that this is an AI, which stays. */
  show(text, notice = "") {
    const whole = `${text}\n${notice}`;
    if (whole === this.#shown) return;
    this.#shown = whole;
    this.mesh.visible = Boolean(text || notice);
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, ...SIZE);
    pen.fillStyle = "#000a";
    pen.beginPath();
    pen.roundRect(0, 0, ...SIZE, 36);
    pen.fill();
    pen.textAlign = "center";
    pen.fillStyle = "#fff";
    pen.font = `500 ${FONT}px Georgia, "Noto Serif CJK SC", serif`;
    const lines = fold(text.trim(), SIZE[0] - 80, (part) => pen.measureText(part).width).slice(-2);
    lines.forEach((line, index) => pen.fillText(line, SIZE[0] / 2, 80 + index * FONT * 1.25));
    pen.font = `${FONT / 2}px system-ui, "Noto Sans CJK SC", sans-serif`;
    pen.fillStyle = "#ffffffc0";
    pen.fillText(notice, SIZE[0] / 2, SIZE[1] - 22, SIZE[0] - 60);
    this.texture.needsUpdate = true;
  }

  dispose() {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
    this.texture.dispose();
  }
}

/** Text in lines that are at most `most` wide, cut at spaces, or anywhere in scripts that have none. */
export function fold(text, most, width) {
  const lines = [""];
  for (const part of text.match(/\s*(?:[⺀-鿿぀-ヿ가-힯]|[^\s⺀-鿿぀-ヿ가-힯]+)/gu) ?? []) {
    if (width(lines.at(-1) + part) > most && lines.at(-1)) lines.push(part.trimStart());
    else lines[lines.length - 1] += part;
  }
  return lines.filter(Boolean);
}
