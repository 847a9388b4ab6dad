/** How the tools stand that the face goes to (VMC, VTube Studio, OBS ...) and the chat comes from, a line each. */

import { t } from "./words.js";

const NAMES = { livelink: "Live Link Face", vmc: "VMC", vts: "VTube Studio", ifacialmocap: "iFacialMocap", vrchat: "VRChat", obs: "OBS", twitch: "Twitch", youtube: "YouTube", discord: "Discord" };

/** Fill `list` with `[{tool, state, why}]`; it is hidden where there is none. */
export function standings(list, outlets) {
  list.hidden = !outlets.length;
  // A list that is as it was stays, so that nothing is read out anew.
  const told = JSON.stringify(outlets);
  if (list.dataset.told === told) return;
  list.dataset.told = told;
  list.replaceChildren(...outlets.map(line));
}

function line({ tool, state, why }) {
  const item = document.createElement("li");
  item.dataset.state = state;
  const name = document.createElement("b");
  name.textContent = tool === "chat" ? t("outlet_chat") : (NAMES[tool] ?? tool);
  const how = document.createElement("span");
  how.textContent = t(`outlet_${state}`) || state;
  item.append(name, " ", how);
  if (!why) return item;
  const because = document.createElement("small");
  because.dir = "auto";
  because.textContent = why;
  item.append(" ", because);
  return item;
}
