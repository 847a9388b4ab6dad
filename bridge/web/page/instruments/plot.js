/** A canvas that is as sharp as the screen, and the colours of the page. */

/** The 2D context of `canvas` at `height` CSS pixels, cleared, and its size in CSS pixels. */
export function sheet(canvas, height) {
  const sharp = Math.min(2, devicePixelRatio || 1);
  const width = canvas.clientWidth || 320;
  if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "10px ui-sans-serif, system-ui, sans-serif";
  pen.textBaseline = "middle";
  return { pen, width, height };
}

/** The value of a colour of page.css. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The value below which `share` of the sorted `values` lie; NaN for none. */
export function quantile(values, share) {
  return values.length ? values[Math.min(values.length - 1, Math.floor(share * values.length))] : NaN;
}
