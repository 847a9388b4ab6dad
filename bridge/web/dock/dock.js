/** The dock: skip, mute, stop and say, for whoever steers a stream. It follows the newest conversation by itself. */

import { standings } from "../page/standings.js";
import { place, t } from "../page/words.js";

const KEPT = "companion-dock-token";
const RETRY_MS = [500, 1000, 2000, 5000];
const $ = (id) => document.getElementById(id);

class Dock {
  #socket = null;
  #failed = 0;

  constructor() {
    this.identity = new URLSearchParams(location.search).get("identity") ?? "";
    $("skip").onclick = () => this.#ask({ type: "do", what: "skip" });
    $("stop").onclick = () => this.#ask({ type: "do", what: "stop" });
    $("mute").onclick = () => this.#ask({ type: "do", what: $("mute").getAttribute("aria-pressed") === "true" ? "unmute" : "mute" });
    $("say").onsubmit = (event) => {
      event.preventDefault();
      const text = $("words").value.trim();
      if (text && this.#ask({ type: "say", text })) $("words").value = "";
    };
    $("enter").onsubmit = (event) => {
      event.preventDefault();
      localStorage.setItem(KEPT, $("token").value.trim());
      $("token").value = "";
      this.open();
    };
    this.#show({ state: "away", muted: false });
    this.open();
  }

  open() {
    const address = new URL("socket", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: localStorage.getItem(KEPT) ?? "", identity: this.identity }));
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code);
  }

  #ask(message) {
    const ready = this.#socket?.readyState === WebSocket.OPEN;
    if (ready) this.#socket.send(JSON.stringify(message));
    return ready;
  }

  #take({ type, code, message, ...state }) {
    this.#failed = 0;
    if (type === "state") this.#show(state);
    $("told").textContent = type === "error" ? message : "";
    $("enter").hidden = !["unauthorized", "token_expired", "forbidden"].includes(code);
  }

  #show({ state, muted, outlets = [] }) {
    document.body.dataset.state = state;
    $("state").textContent = state === "away" ? t("dock_nobody") : t(`state_${state}`);
    $("mute").setAttribute("aria-pressed", String(muted));
    for (const id of ["skip", "mute", "stop"]) $(id).disabled = state === "away";
    standings($("outlets"), outlets);
  }

  #closed(code) {
    this.#show({ state: "away", muted: false });
    if (code === 4010 && !$("enter").hidden) return;
    setTimeout(() => this.open(), RETRY_MS[Math.min(this.#failed, RETRY_MS.length - 1)]);
    this.#failed += 1;
  }
}

place();
document.title = t("dock_title");
globalThis.dock = new Dock();
