/** Files in one archive, as they are (PKWARE APPNOTE, method "stored"). */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Little-endian fields: [value, bytes] by turns. */
function fields(...pairs) {
  const bytes = [];
  for (const [value, size] of pairs) for (let byte = 0; byte < size; byte += 1) bytes.push(Math.floor(value / 2 ** (8 * byte)) & 255);
  return Uint8Array.from(bytes);
}

/** A ZIP archive (Blob) of `files`: name -> Uint8Array; `date` is when they were made. */
export function zip(files, date) {
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  const [parts, list] = [[], []];
  let at = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const letters = new TextEncoder().encode(name);
    // Version 2.0, names in UTF-8, stored.
    const common = [[20, 2], [0x800, 2], [0, 2], [time, 2], [day, 2], [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [letters.length, 2], [0, 2]];
    const head = fields([0x04034b50, 4], ...common);
    parts.push(head, letters, bytes);
    list.push(fields([0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), letters);
    at += head.length + letters.length + bytes.length;
  }
  const count = Object.keys(files).length;
  const size = list.reduce((sum, part) => sum + part.length, 0);
  const end = fields([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [at, 4], [0, 2]);
  return new Blob([...parts, ...list, end], { type: "application/zip" });
}
