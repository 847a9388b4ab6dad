/**
 * The user's face, read in this browser by MediaPipe: only numbers leave it, no picture. Off until the user agrees.
 *
 * `companion page --with-sight` installs what this needs; without it, or where the server heeds no faces, nothing of it
 * is on the page.
 */

const FPS = 15;
const SETTLED_MS = 1500; // for which as many people must be seen before it is said
const EXTRAS = "extras/@mediapipe/tasks-vision/";
const MODEL = "extras/face_landmarker.task";
const NEAR = 0.75; // of its height that a face moves between two pictures at most
/** The weights that are sent, in order: all that the model gives, in the order of its names. */
export const NAMES =
  "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight".split(
    " ",
  );

const WORDS = {
  en: ["Let me be seen", "Camera on: your face is read here, in your browser", "Your camera is read in this browser. No picture leaves it: what is sent to the companion is how your face moves and where it looks, and the companion is told in words what your face does (such as that you smile). It is not stored. You can switch it off at any time. Turn the camera on?", "The camera cannot be used"],
  de: ["Gesehen werden", "Kamera an: dein Gesicht wird hier gelesen, in deinem Browser", "Deine Kamera wird in diesem Browser gelesen. Kein Bild verlässt ihn: gesendet wird, wie sich dein Gesicht bewegt und wohin es schaut, und der Figur wird in Worten gesagt, was dein Gesicht tut (etwa dass du lächelst). Es wird nicht gespeichert. Du kannst es jederzeit ausschalten. Kamera einschalten?", "Die Kamera lässt sich nicht verwenden"],
  fr: ["Être vu", "Caméra active : votre visage est lu ici, dans votre navigateur", "Votre caméra est lue dans ce navigateur. Aucune image n'en sort : seuls sont envoyés les mouvements de votre visage et votre regard, et le personnage apprend en mots ce que fait votre visage (par exemple que vous souriez). Rien n'est conservé. Vous pouvez l'éteindre à tout moment. Allumer la caméra ?", "La caméra ne peut pas être utilisée"],
  es: ["Dejarme ver", "Cámara encendida: tu cara se lee aquí, en tu navegador", "Tu cámara se lee en este navegador. Ninguna imagen sale de él: se envía cómo se mueve tu cara y adónde mira, y al personaje se le dice con palabras lo que hace tu cara (por ejemplo, que sonríes). No se guarda. Puedes apagarla en cualquier momento. ¿Encender la cámara?", "No se puede usar la cámara"],
  zh: ["让对方看见我", "摄像头已开启：你的面部在本浏览器中读取", "摄像头画面只在此浏览器中读取，不会发送图像：发送的只是面部动作和视线方向，角色会以文字得知你的表情（例如你在微笑）。不会保存。你可以随时关闭。要打开摄像头吗？", "无法使用摄像头"],
  ja: ["見てもらう", "カメラ使用中：顔はこのブラウザーの中で読み取られます", "カメラの映像はこのブラウザーの中で読み取られ、画像は送られません。送られるのは顔の動きと視線だけで、表情（たとえば笑顔）は言葉でキャラクターに伝えられます。保存はされません。いつでも切れます。カメラをオンにしますか？", "カメラを使えません"],
};

/** The faces of one result of the Face Landmarker, as `seen` carries them; `ids` follows them from picture to picture. */
export function faces(result, ids) {
  const found = result.faceLandmarks.map((points, index) => {
    const xs = points.map(({ x }) => x);
    const ys = points.map(({ y }) => y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scores = new Map(result.faceBlendshapes[index].categories.map(({ categoryName, score }) => [categoryName, score]));
    return {
      weights: Uint8Array.from(NAMES, (name) => Math.round(255 * Math.min(1, Math.max(0, scores.get(name) ?? 0)))),
      pose: pose(result.facialTransformationMatrixes[index].data),
      // As in a mirror: what is at the left of the picture is at the right of whoever looks into the camera.
      place: [bounded(1 - left - right), bounded(1 - top - bottom)],
      size: Math.min(1, Math.max(0, bottom - top)),
    };
  });
  return ids.follow(found.sort((a, b) => b.size - a.size)).slice(0, 4);
}

/** Yaw to the own left, pitch up, roll to the own right, in degrees, of a 4 x 4 matrix that is stored by columns. */
export function pose(m) {
  const degrees = 180 / Math.PI;
  const length = Math.hypot(m[8], m[9], m[10]) || 1;
  return [Math.atan2(m[8], m[10]) * degrees, Math.asin(bounded(m[9] / length)) * degrees, Math.atan2(m[1], m[5]) * degrees];
}

const bounded = (value) => Math.min(1, Math.max(-1, value));

/** Gives faces their numbers: whoever stays where they were keeps theirs. */
export class Following {
  #last = [];
  #count = 0;

  follow(found) {
    const free = [...this.#last];
    const numbered = found.map((face) => {
      const far = ({ place: [x, y] }) => Math.hypot(x - face.place[0], y - face.place[1]) / 2;
      free.sort((a, b) => far(a) - far(b));
      const same = free.length > 0 && far(free[0]) <= NEAR * Math.max(face.size, free[0].size);
      return { id: same ? free.shift().id : (this.#count += 1), ...face };
    });
    this.#last = numbered;
    return numbered;
  }
}

/** The code of what a browser says of a camera that it does not give. */
export function camera({ name }) {
  return { NotAllowedError: "camera_denied", NotFoundError: "camera_missing", NotReadableError: "camera_busy" }[name] ?? "no_camera";
}

export class Sight {
  #stream = null;
  #landmarker = null;
  #timer = 0;
  #can = false;

  /** `form` gets the switch; `onFault` is told what goes wrong; `t` words what is seen. */
  constructor({ form, onFault, t }) {
    this.t = t;
    const { lang } = document.documentElement;
    this.words = WORDS[lang.slice(0, 2)] ?? WORDS.en;
    this.onFault = onFault;
    this.row = document.createElement("label");
    this.row.className = "pair";
    this.row.hidden = true;
    const text = document.createElement("span");
    text.textContent = this.words[0];
    this.box = document.createElement("input");
    this.box.type = "checkbox";
    this.box.id = "be-seen";
    this.row.append(text, this.box);
    form.append(this.row);
    this.sign = document.createElement("p");
    this.sign.className = "disclosure";
    this.sign.setAttribute("role", "status");
    this.sign.hidden = true;
    this.sign.textContent = `● ${this.words[1]}`;
    document.getElementById("disclosure").after(this.sign);
    this.box.onchange = () => this.#switch(this.box.checked);
    addEventListener("pagehide", () => this.#off());
    fetch("setup.json")
      .then((answer) => answer.json())
      .then(({ sight }) => ((this.#can = Boolean(sight)), this.#offer()))
      .catch(() => {});
  }

  /** What `hello.seen` says of the weights. */
  get hello() {
    return { names: NAMES };
  }

  follow(companion) {
    this.companion = companion;
    companion.on("welcome", () => this.#offer());
  }

  #offer() {
    const heeded = this.companion?.welcome?.features.includes("seen") && this.companion.session.hello.role !== "viewer";
    this.row.hidden = !(this.#can && heeded && navigator.mediaDevices);
    if (this.row.hidden) this.#off();
  }

  async #switch(on) {
    if (!on) return this.#off();
    if (!confirm(this.words[2])) return void (this.box.checked = false);
    try {
      await this.#on();
    } catch (error) {
      this.#off();
      console.warn("the camera is not used:", error);
      this.onFault({ code: camera(error), message: `${this.words[3]}: ${error.message}` });
    }
  }

  async #on() {
    const { FaceLandmarker } = await import(new URL(`${EXTRAS}vision_bundle.mjs`, document.baseURI).href);
    const at = (name) => new URL(`${EXTRAS}wasm/${name}`, document.baseURI).href;
    const fileset = { wasmLoaderPath: at("vision_wasm_internal.js"), wasmBinaryPath: at("vision_wasm_internal.wasm") };
    this.#landmarker ??= await FaceLandmarker.createFromOptions(fileset, {
      baseOptions: { modelAssetPath: new URL(MODEL, document.baseURI).href, delegate: "CPU" },
      runningMode: "VIDEO",
      numFaces: 2,
      outputFaceBlendshapes: true,
      outputFacialTransformationMatrixes: true,
    });
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: { ideal: FPS } } });
    const video = document.createElement("video");
    video.muted = video.playsInline = true;
    video.srcObject = this.#stream;
    await video.play();
    this.sign.hidden = false;
    const ids = new Following();
    const look = () => {
      if (!this.#stream) return;
      this.#timer = setTimeout(look, 1000 / FPS);
      if (document.hidden || video.readyState < 2) return;
      const seen = faces(this.#landmarker.detectForVideo(video, performance.now()), ids);
      this.companion.seen(seen);
      this.#tell(seen.length);
    };
    look();
  }

  /** Say who is seen, when that has been so for a moment. */
  #tell(people) {
    const now = performance.now();
    if (people !== this.people) Object.assign(this, { people, since: now });
    if (now - this.since < SETTLED_MS && people !== undefined && this.told !== undefined) return;
    if (people === this.told) return;
    this.told = people;
    this.sign.textContent = `● ${this.words[1]}${people === 1 ? "" : `. ${this.t(people ? "seen_several" : "seen_nobody", { count: people })}`}`;
  }

  #off() {
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.people = this.told = undefined;
    this.sign.hidden = true;
    this.box.checked = false;
  }
}
