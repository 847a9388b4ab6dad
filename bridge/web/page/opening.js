/** What somebody says of a room that they open or enter, and the address that brings others there. Pure. */

const MOST_ITEMS = 32;
const MOST_COMPANIONS = 8;
const MOST_TITLE = 200;
const MOST_MINUTES = 600;
const LONGEST_NAME = 64;

/** The agenda in `text`, an item a line: "Lenses", or with its minutes at the end, "Lenses, 10" or "Lenses 10 min". */
export function agenda(text) {
  const items = [];
  for (const line of text.split("\n")) {
    const found = /^(.*?)[\s,，:：·|]+(\d{1,3})\s*(?:min(?:utes?|\.)?|分钟|分|['′])?\s*$/u.exec(line.trim());
    const title = (found?.[1] || line).trim().slice(0, MOST_TITLE);
    const minutes = found?.[1] ? Math.min(MOST_MINUTES, Number(found[2])) : 0;
    if (title && items.length < MOST_ITEMS) items.push(minutes ? { title, minutes } : { title });
  }
  return items;
}

/** `hello.room` of what a form holds; null where it names no room. Only whoever opens the room is heeded beyond `key`. */
export function wanted({ name = "", key = "", kind = "talk", cast = [], items = "" }) {
  const room = { name: name.trim().slice(0, LONGEST_NAME) };
  if (!room.name) return null;
  if (key) room.key = key;
  if (kind !== "talk") room.kind = kind;
  if (cast.length) room.cast = cast.slice(0, MOST_COMPANIONS).map((identity) => ({ identity }));
  const list = kind === "meeting" ? agenda(items) : [];
  if (list.length) room.agenda = list;
  return room;
}

/** The address of the page in this room, from `href`; the key stands behind the #, which no server is told. */
export function address(href, room, user = "") {
  const made = new URL(href);
  made.hash = "";
  for (const [field, value] of [["room", room?.name], ["user", user]]) value ? made.searchParams.set(field, value) : made.searchParams.delete(field);
  if (room?.key) made.hash = new URLSearchParams({ key: room.key }).toString();
  return made.href;
}

/** What such an address asks for: `{room, user}`, the room null where it names none. */
export function read(href) {
  const given = new URL(href);
  const key = new URLSearchParams(given.hash.slice(1)).get("key") ?? "";
  return { room: wanted({ name: given.searchParams.get("room") ?? "", key }), user: (given.searchParams.get("user") ?? "").slice(0, LONGEST_NAME) };
}
