/** The settings' part on memory: whether the companion remembers, what it knows, and forgetting it. */

import { t } from "./words.js";

const $ = (id) => document.getElementById(id);

export class Memories {
  #companion = null;
  #saving = false;

  constructor() {
    $("memory-on").onchange = ({ target }) => this.#ask(target.checked ? "agree" : "refuse");
    $("memory-show").onclick = () => this.#ask("tell");
    $("memory-save").onclick = () => {
      this.#saving = true;
      this.#ask("tell");
    };
    $("memory-erase").onclick = () => confirm(t("memory_sure")) && this.#ask("erase");
  }

  /** Belong to this companion from now on. */
  follow(companion) {
    this.#companion = companion;
    this.#list([]);
    companion.on("welcome", (welcome) => this.#meet(welcome));
    companion.on("memory", (answer) => companion === this.#companion && this.#take(answer));
  }

  #meet({ features, memory }) {
    $("set-memory").hidden = !features.includes("memory");
    $("memory-on").checked = memory;
  }

  #ask(op, fields = {}) {
    this.#companion?.session.send("memory", { op, ...fields });
  }

  #take(answer) {
    const { op, on, count } = answer;
    $("memory-on").checked = on;
    $("memory-said").textContent = "";
    if (op === "tell" && this.#saving) this.#save(answer);
    else if (op === "tell") this.#list(answer.facts, answer.episodes);
    else if (op === "forget") this.#ask("tell");
    else if (op === "erase") {
      this.#list([]);
      $("memory-said").textContent = t("memory_erased", { count });
    }
  }

  #list(facts, episodes = null) {
    const rows = facts.map(({ id, text, day }) => {
      const row = document.createElement("li");
      const words = document.createElement("span");
      const button = document.createElement("button");
      words.textContent = text;
      words.title = day;
      button.type = "button";
      button.className = "plain";
      button.textContent = t("memory_forget");
      button.setAttribute("aria-label", `${t("memory_forget")}: ${text}`);
      button.onclick = () => this.#ask("forget", { facts: [id] });
      row.append(words, " ", button);
      return row;
    });
    for (const text of episodes ?? []) {
      const row = document.createElement("li");
      row.textContent = `“${text}”`;
      rows.push(row);
    }
    $("memory-list").replaceChildren(...rows);
    if (episodes && !rows.length) $("memory-said").textContent = t("memory_nothing");
  }

  #save({ facts, episodes }) {
    this.#saving = false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify({ facts, episodes }, null, 2)], { type: "application/json" }));
    link.download = "memory.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
}
