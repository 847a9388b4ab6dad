/** The drawer: the conversation in full and the instruments; those draw only while they can be seen. */

import { Curves } from "./instruments/curves.js";
import { Gauges } from "./instruments/gauges.js";
import { Log } from "./instruments/log.js";
import { Recorder } from "./instruments/recorder.js";
import { Waterfall } from "./instruments/waterfall.js";
import { t } from "./words.js";

const TABS = ["talk", "instruments", "settings"];

export class Drawer {
  constructor(drawer, stage) {
    this.drawer = drawer;
    this.recorder = new Recorder();
    const panel = drawer.querySelector("#panel-instruments");
    const visible = () => !drawer.hidden && !panel.hidden;
    this.waterfall = new Waterfall(section(panel, t("turns")));
    this.gauges = new Gauges(panel, section, stage);
    this.curves = new Curves(section(panel, t("curves")), visible, stage);
    this.log = new Log(section(panel, t("messages")), visible, this.recorder);
    for (const name of TABS) {
      document.getElementById(`open-${name}`).onclick = () => this.#toggle(name);
      drawer.querySelector(`#tab-${name}`).onclick = () => this.#show(name);
    }
    drawer.querySelector(".tabs").onkeydown = ({ key }) => {
      const step = { ArrowLeft: TABS.length - 1, ArrowRight: 1 }[key];
      if (step) drawer.querySelector(`#tab-${this.#show(TABS[(TABS.indexOf(this.shown) + step) % TABS.length])}`).focus();
    };
    drawer.querySelector("#close").onclick = () => this.#toggle(this.shown);
    // For whoever measures this page from outside.
    globalThis.instruments = { gauges: this.gauges, waterfall: this.waterfall, recorder: this.recorder };
  }

  /** Measure this companion from now on. */
  follow(companion) {
    for (const part of [this.recorder, this.waterfall, this.gauges, this.curves, this.log]) part.follow(companion);
  }

  #toggle(name) {
    const { drawer } = this;
    if (!drawer.hidden && this.shown === name) {
      drawer.hidden = true;
      this.#mark();
      document.getElementById(`open-${name}`).focus();
    } else {
      drawer.hidden = false;
      this.#show(name);
    }
  }

  #show(name) {
    this.shown = name;
    for (const each of TABS) {
      this.drawer.querySelector(`#panel-${each}`).hidden = each !== name;
      const tab = this.drawer.querySelector(`#tab-${each}`);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
    }
    this.#mark();
    return name;
  }

  #mark() {
    for (const name of TABS) {
      document.getElementById(`open-${name}`).setAttribute("aria-expanded", String(!this.drawer.hidden && this.shown === name));
    }
  }
}

function section(panel, title) {
  const node = document.createElement("section");
  node.className = "gauge";
  const heading = document.createElement("h2");
  heading.append(title, document.createElement("output"));
  node.append(heading);
  panel.append(node);
  return node;
}
