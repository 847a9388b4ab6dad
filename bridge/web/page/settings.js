/** The settings: who speaks and how, sound, look, what is kept, addresses for a stream, and being forgotten. */

import { written } from "./conversation.js";
import { fill, named, primary } from "./company.js";
import { LEADS } from "./preferences.js";
import { standings } from "./standings.js";
import { t } from "./words.js";

const $ = (id) => document.getElementById(id);
const LOOK_MS = 2000;
const KINDS = { txt: "text/plain", json: "application/json", srt: "application/x-subrip" };

export class Settings {
  #welcome = null;
  #auditioning = false;

  /** `conversation()` is what is written down, `audition(voice)` lets a voice be heard, `token()` is the access token. */
  constructor(form, { preferences, company, conversation, audition, onForget, onFault, token }) {
    Object.assign(this, { form, preferences, company, conversation, audition, onForget, onFault, token });
    form.onsubmit = (event) => event.preventDefault();
    const { elements } = form;
    fill(elements.subtitles, ["normal", "large", "none"].map((value) => [value, t(`subtitles_${value}`)]), preferences.get("subtitles"));
    fill(elements.theme, ["auto", "light", "dark"].map((value) => [value, t(`theme_${value}`)]), preferences.get("theme"));
    fill(elements.lead, LEADS.map((value) => [String(value), value ? `${value} ms` : t("lead_auto")]), String(preferences.get("lead")));
    for (const name of ["volume", "subtitles", "theme", "lead", "microphone"]) elements[name].oninput = ({ target }) => preferences.set(name, typeof preferences.get(name) === "number" ? Number(target.value) : target.value);
    for (const name of ["calm", "greet", "echo"]) elements[name].onchange = ({ target }) => preferences.set(name, target.checked);
    preferences.watch(() => this.#show());
    $("set-who").onclick = () => company.open();
    $("set-head").onclick = () => $("head-file").click();
    $("set-voice").onchange = ({ target }) => company.choose({ ...company.now, voice: target.value });
    $("set-language").onchange = ({ target }) => company.choose({ ...company.now, language: target.value, voice: "" });
    $("set-model").onchange = ({ target }) => company.choose({ ...company.now, model: target.value });
    $("set-audition").onclick = () => this.#listen();
    for (const button of form.querySelectorAll("[data-export]")) button.onclick = () => this.#save(button.dataset.export);
    $("copy-obs").onclick = () => this.#copy("obs");
    $("copy-dock").onclick = () => this.#copy("dock");
    $("forget").onclick = () => confirm(t("forget_sure")) && onForget();
    $("open-settings").addEventListener("click", () => (this.#microphones(), this.#invite(), this.#outlets()));
    this.#microphones();
    this.#show();
  }

  /** Show the choices of whoever is there; `now` is what was asked for. */
  meet(welcome, now) {
    this.#welcome = welcome;
    const { identity, engines } = welcome;
    $("set-who").textContent = identity.name;
    $("set-who").disabled = $("who").disabled;
    fill($("set-voice"), [["", t("own_voice")], ...identity.voices.map((name) => [name, name])], now.voice);
    const names = new Intl.DisplayNames([document.documentElement.lang], { type: "language" });
    const codes = identity.languages.length ? identity.languages : [identity.language].filter(Boolean);
    fill($("set-language"), codes.map((code) => [code, named(names, code)]), primary(now.language || identity.language));
    $("set-voice").closest("label").hidden = identity.voices.length === 0;
    $("set-mind").textContent = engines.dialogue ?? "";
    fill($("set-model"), welcome.models.map((name) => [name, name]), now.model || welcome.model);
    $("set-model").closest("label").hidden = welcome.models.length < 2;
  }

  follow() {}

  #show() {
    const { elements } = this.form;
    for (const name of ["volume", "subtitles", "theme", "lead", "microphone"]) elements[name].value = String(this.preferences.get(name));
    for (const name of ["calm", "greet", "echo"]) elements[name].checked = this.preferences.get(name);
  }

  async #microphones() {
    const devices = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    const heard = devices.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId && deviceId !== "default");
    const pairs = heard.map(({ deviceId, label }, index) => [deviceId, label || t("microphone_number", { number: index + 1 })]);
    fill(this.form.elements.microphone, [["", t("microphone_default")], ...pairs], this.preferences.get("microphone"));
  }

  async #listen() {
    if (this.#auditioning || !this.#welcome) return;
    const button = $("set-audition");
    this.#auditioning = button.disabled = true;
    try {
      await this.audition($("set-voice").value);
    } catch (error) {
      this.onFault({ code: error.code ?? "", message: error.message });
    } finally {
      this.#auditioning = button.disabled = false;
    }
  }

  /** Where the face goes besides, and how that stands, for as long as the settings are open. */
  async #outlets() {
    clearTimeout(this.looking);
    const token = this.token();
    const answer = await fetch("outlets.json", { headers: token ? { Authorization: `Bearer ${token}` } : {} }).catch(() => null);
    const { outlets } = answer?.ok ? await answer.json() : { outlets: [] };
    standings($("outlets"), outlets);
    if (outlets.length && this.form.offsetParent) this.looking = setTimeout(() => this.#outlets(), LOOK_MS);
  }

  /** The QR code that lets another device in, where the server is there for others. */
  async #invite() {
    const { invites } = await fetch("setup.json").then((told) => (told.ok ? told.json() : {}), () => ({}));
    if (!invites) return;
    const token = this.token();
    const answer = await fetch("invite.svg", { headers: token ? { Authorization: `Bearer ${token}` } : {} }).catch(() => null);
    const box = $("set-invite");
    box.hidden = !answer?.ok;
    if (box.hidden) return;
    const picture = $("invite");
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(await answer.blob());
    picture.alt = t("invite_alt");
  }

  #save(kind) {
    const { entries } = this.conversation();
    if (!entries.length) return void ($("set-kept").textContent = t("nothing_said"));
    const title = this.#welcome?.identity.name ?? t("title");
    const text = written(entries, kind, { cut: t("cut"), title, began: entries[0].at, date: new Date().toISOString().slice(0, 16) });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: KINDS[kind] }));
    link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, "-")}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    $("set-kept").textContent = t("saved_lines", { count: entries.length });
  }

  /** Copy the address of the view for OBS or of its dock; where tokens are asked for, with one that only views. */
  async #copy(page) {
    const address = new URL(page, location.href);
    address.search = this.#welcome ? new URLSearchParams({ identity: this.#welcome.identity.id }) : "";
    const token = this.token();
    try {
      if (token && page === "obs") address.hash = `token=${await this.#viewer(token)}`;
      await navigator.clipboard?.writeText(address.href).catch(() => {});
      $("set-copied").textContent = address.href;
    } catch (error) {
      this.onFault({ code: error.code ?? "", message: error.message });
    }
  }

  async #viewer(token) {
    const answer = await fetch("view-token", { headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) throw Object.assign(new Error(await answer.text()), { code: answer.status === 401 ? "unauthorized" : "" });
    return (await answer.json()).token;
  }
}
