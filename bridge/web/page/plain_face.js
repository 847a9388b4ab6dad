/** A face of a few strokes with the interface of face/face.js: it stands in where the drawn one cannot be loaded. */

export class PlainFace {
  constructor(canvas) {
    this.canvas = canvas;
    this.weights = {};
  }

  setWeights(names, values) {
    names.forEach((name, index) => (this.weights[name] = values[index]));
  }

  setSharpness() {}

  draw() {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.max(1, Math.round(size * (devicePixelRatio || 1))));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = this.canvas.getContext("2d");
    const of = (name) => this.weights[name] ?? 0;
    const unit = Math.min(width, height) / 2.6;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.translate(width / 2 + of("headYaw") * unit * 0.5, height / 2 - of("headPitch") * unit * 0.5);
    pen.rotate(of("headRoll"));
    pen.scale(unit, unit);
    pen.fillStyle = "#e9b79a";
    oval(pen, 0, 0, 0.8, 1);
    pen.fillStyle = "#33231d";
    for (const [side, x] of [["Right", -0.3], ["Left", 0.3]]) {
      const open = Math.max(0.04, 1 - of(`eyeBlink${side}`) + 0.3 * of(`eyeWide${side}`));
      const look = of("eyeLookOutLeft") - of("eyeLookInLeft");
      oval(pen, x + 0.04 * look, -0.15, 0.09, 0.1 * open);
    }
    const gap = Math.max(0, of("jawOpen") - of("mouthClose")) * 0.35;
    const wide = 0.3 * (1 - 0.5 * Math.max(of("mouthPucker"), of("mouthFunnel"))) * (1 + 0.3 * of("mouthSmileLeft"));
    pen.fillStyle = "#7d2f2b";
    oval(pen, 0, 0.45 + gap / 2, wide, 0.025 + gap);
  }
}

function oval(pen, x, y, width, height) {
  pen.beginPath();
  pen.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
  pen.fill();
}
