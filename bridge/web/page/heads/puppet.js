// One picture that is moved (`puppet.json` of an identity): the same points, movements and layers as in its films,
// painted by the graphics card. The interface is that of face/face.js.

const HEAD = ["headYaw", "headPitch", "headRoll"];
const WIDEST = [0.3, 0.22, 0.35]; // radians: beyond, one picture tears
const BREATH_MS = 4200;
const SHARPEST = 2;

const VERTEX = `attribute vec2 at; attribute vec2 uv; uniform vec4 view; varying vec2 seen;
void main() { seen = uv; gl_Position = vec4(at * view.xy + view.zw, 0.0, 1.0); }`;
const FRAGMENT = `precision mediump float; uniform sampler2D picture; varying vec2 seen;
void main() { gl_FragColor = texture2D(picture, seen); }`;

export class Puppet {
  /** The puppet that `data` describes, on `canvas`; throws `{code}`: bad_head, no_webgl. `ground`: with what is behind. */
  static async open(canvas, data, { ground = true } = {}) {
    if (data?.format !== 1) throw Object.assign(new Error(`a puppet of format ${data?.format}`), { code: "bad_head" });
    try {
      const pictures = await Promise.all(Object.entries(data.textures).map(async ([name, source]) => [name, await decoded(source)]));
      return new Puppet(canvas, data, new Map(pictures), ground);
    } catch (error) {
      throw Object.assign(error, { code: error.code ?? "bad_head" });
    }
  }

  constructor(canvas, data, pictures, ground) {
    this.canvas = canvas;
    this.profile = "arkit52";
    this.data = data;
    this.count = data.head.length;
    this.rest = Float64Array.from(data.points);
    this.moved = new Float64Array(this.rest.length);
    this.xy = new Float32Array(2 * this.count);
    this.channels = Object.keys(data.moves);
    this.at = new Map(this.channels.map((name, number) => [name, number]));
    this.weights = new Float64Array(this.channels.length);
    this.angles = new Float64Array(3);
    this.fine = 1;
    this.layers = data.layers.filter(({ name }) => ground || name !== "back");
    this.#prepare(pictures);
    this.lost = (event) => event.preventDefault();
    this.found = () => this.#prepare(pictures);
    canvas.addEventListener("webglcontextlost", this.lost);
    canvas.addEventListener("webglcontextrestored", this.found);
  }

  /** As `Face.setSharpness`. */
  setSharpness(factor) {
    this.fine = factor;
  }

  /** As `Face.setWeights`. */
  setWeights(names, values) {
    for (let n = 0; n < names.length; n++) {
      const value = values[n];
      if (!Number.isFinite(value)) continue;
      const angle = HEAD.indexOf(names[n]);
      const channel = this.at.get(names[n]);
      if (angle >= 0) this.angles[angle] = Math.min(WIDEST[angle], Math.max(-WIDEST[angle], value));
      else if (channel !== undefined) this.weights[channel] = Math.min(1, Math.max(0, value));
    }
  }

  /** As `Face.draw`. */
  draw(timeMs = 0) {
    const breath = this.at.get("breath");
    if (breath !== undefined && Number.isFinite(timeMs)) this.weights[breath] = 0.5 - 0.5 * Math.cos((2 * Math.PI * timeMs) / BREATH_MS);
    this.pose();
    this.#paint();
  }

  /** Moves the points: movements, lips that may not cross, the head's turn. */
  pose() {
    const { moved, data, weights, xy } = this;
    moved.set(this.rest);
    for (let c = 0; c < weights.length; c++) {
      const weight = weights[c];
      if (weight === 0) continue;
      for (const run of data.moves[this.channels[c]]) {
        for (let i = 1, at = 3 * run[0]; i < run.length; i += 2, at += 3) {
          moved[at] += weight * run[i];
          moved[at + 1] += weight * run[i + 1];
        }
      }
    }
    for (const [upper, lower] of data.meet) {
      const over = moved[3 * upper + 1] - moved[3 * lower + 1];
      if (over < 0) continue;
      moved[3 * upper + 1] -= over / 2;
      moved[3 * lower + 1] = moved[3 * upper + 1];
    }
    const [px, py, pz] = data.pivot;
    for (let i = 0; i < this.count; i++) {
      const share = data.head[i];
      const [yaw, pitch, roll] = [this.angles[0] * share, this.angles[1] * share, this.angles[2] * share];
      const x = moved[3 * i] - px, y = moved[3 * i + 1] - py, z = moved[3 * i + 2] - pz;
      const x1 = x * Math.cos(yaw) + z * Math.sin(yaw), z1 = z * Math.cos(yaw) - x * Math.sin(yaw);
      const y2 = y * Math.cos(pitch) - z1 * Math.sin(pitch);
      xy[2 * i] = px + x1 * Math.cos(roll) + y2 * Math.sin(roll);
      xy[2 * i + 1] = py + y2 * Math.cos(roll) - x1 * Math.sin(roll);
    }
  }

  #prepare(pictures) {
    const gl = this.canvas.getContext("webgl", { alpha: true, antialias: true, premultipliedAlpha: true });
    if (!gl) throw Object.assign(new Error("no WebGL"), { code: "no_webgl" });
    this.gl = gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    this.view = gl.getUniformLocation(program, "view");
    this.places = gl.createBuffer();
    this.#attribute(program, "uv", gl.createBuffer(), Float32Array.from(this.data.uvs), gl.STATIC_DRAW);
    this.#attribute(program, "at", this.places, this.xy, gl.DYNAMIC_DRAW);
    const numbers = this.layers.flatMap((layer) => layer.triangles);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint16Array.from(numbers), gl.STATIC_DRAW);
    this.textures = new Map([...pictures].map(([name, picture]) => [name, texture(gl, picture)]));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  #attribute(program, name, buffer, values, use) {
    const { gl } = this;
    const place = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, use);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
  }

  #paint() {
    const { gl, canvas, data } = this;
    const ratio = this.fine * Math.min(SHARPEST, globalThis.devicePixelRatio || 1);
    const size = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * ratio)));
    if (canvas.width !== size[0]) canvas.width = size[0];
    if (canvas.height !== size[1]) canvas.height = size[1];
    const [width, height] = data.size;
    // The picture is seen whole in its width or height, and stands on the lower edge.
    const scale = Math.min(size[0] / width, size[1] / height);
    const [x, y] = [(2 * scale) / size[0], (2 * scale) / size[1]];
    gl.viewport(0, 0, ...size);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform4f(this.view, x, -y, (-width * x) / 2, height * y - 1);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.places);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.xy);
    let first = 0;
    for (const { texture: name, triangles } of this.layers) {
      gl.bindTexture(gl.TEXTURE_2D, this.textures.get(name));
      gl.drawElements(gl.TRIANGLES, triangles.length, gl.UNSIGNED_SHORT, 2 * first);
      first += triangles.length;
    }
  }

  /** Give the graphics card back what it holds. */
  dispose() {
    this.canvas.removeEventListener("webglcontextlost", this.lost);
    this.canvas.removeEventListener("webglcontextrestored", this.found);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

/** The picture in a data URL; colours under what is transparent are kept. */
async function decoded(source) {
  const [head, letters] = source.split(",");
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const blob = new Blob([bytes], { type: /^data:([^;]+)/.exec(head)[1] });
  return createImageBitmap(blob, { premultiplyAlpha: "premultiply" });
}

function texture(gl, picture) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
  for (const [key, value] of [[gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE], [gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR]]) {
    gl.texParameteri(gl.TEXTURE_2D, key, value);
  }
  return made;
}
