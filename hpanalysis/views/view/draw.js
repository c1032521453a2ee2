// Colours of the page for a canvas, elements, and text that stays readable over lines.

export const STEPS = 12;
const FONT = "system-ui, sans-serif";
const PALE_TO_DEEP = [[196, 202, 210], [136, 170, 184], [32, 128, 128], [0, 62, 66]];
const DIM_TO_BRIGHT = [[72, 80, 92], [92, 130, 148], [108, 199, 189], [214, 255, 226]];
// Okabe and Ito's colours, as in the reports; lighter ones in the dark.
const SERIES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#9a6a00", "#2f7fa8", "#5d6670"];
const SERIES_DARK = ["#56B4E9", "#f0a060", "#4fd1a5", "#e5a8cb", "#E69F00", "#9bd0ee", "#aab3bb"];
export const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4], [4, 2, 1, 2]];

export function palette(element, print) {
  // Through a probe, so that whatever a host names (white, var(), color-mix) comes back as rgb().
  const probe = document.createElement("i");
  probe.hidden = true;
  element.append(probe);
  const colour = (name, otherwise) => {
    if (print) return otherwise;
    probe.style.color = `var(${name}, ${otherwise})`;
    return getComputedStyle(probe).color;
  };
  const sheet = colour("--sheet", "#ffffff");
  const dark = rgb(sheet).reduce((sum, c) => sum + c, 0) / 765 < 0.5;
  const stops = dark ? DIM_TO_BRIGHT : PALE_TO_DEEP;
  const between = (t) => {
    const j = Math.min(stops.length - 2, Math.floor(t));
    return stops[j].map((c, k) => Math.round(c + (stops[j + 1][k] - c) * (t - j)));
  };
  const colours = {
    dark,
    sheet,
    ink: colour("--ink", "#1e2328"),
    soft: colour("--soft", "#5d6670"),
    line: colour("--line", "#e3e0d8"),
    accent: colour("--accent", "#0b6b6b"),
    bad: colour("--bad", "#a3212b"),
    pick: dark ? "#ffb454" : "#b4480f",
    series: dark ? SERIES_DARK : SERIES,
    ramp: Array.from({ length: STEPS }, (_, i) => between((i / (STEPS - 1)) * (stops.length - 1))),
  };
  probe.remove();
  return colours;
}

export function rgb(colour) {
  if (colour.startsWith("#")) return colour.slice(1).match(/../g).map((hex) => parseInt(hex, 16));
  return (colour.match(/[\d.]+/g) ?? [255, 255, 255]).slice(0, 3).map(Number);
}

// A canvas that is sized in CSS pixels. `fit` gives a context that is empty and scaled.
export function canvas(label) {
  const c = element("canvas", { role: "img", "aria-label": label });
  c.fit = (width, height, scale) => {
    const ratio = scale ?? Math.min(2, window.devicePixelRatio || 1);
    const w = Math.max(1, Math.round(width * ratio));
    const h = Math.max(1, Math.round(height * ratio));
    // Setting the size clears. clearRect would do, but Chromium prints the drawing calls, and there it wipes out the
    // canvases beneath; so it serves on the screen only, where it is cheaper.
    const fresh = scale || c.width !== w || c.height !== h;
    if (fresh) [c.width, c.height] = [w, h];
    c.style.width = `${width}px`;
    c.style.height = `${height}px`;
    const x = c.getContext("2d");
    x.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!fresh) x.clearRect(0, 0, width, height);
    return x;
  };
  return c;
}

export function font(x, size = 11, bold = false) {
  x.font = `${bold ? 600 : 400} ${size}px ${FONT}`;
}

// Text with a rim in the colour of the paper.
export function halo(x, text, at, y, colours, { align = "left", bold = false } = {}) {
  font(x, 11, bold);
  x.textAlign = align;
  x.textBaseline = "middle";
  x.lineJoin = "round";
  x.lineWidth = 3.5;
  x.strokeStyle = colours.sheet;
  const alpha = x.globalAlpha;
  x.globalAlpha = 0.85 * alpha;
  x.strokeText(text, at, y);
  x.globalAlpha = alpha;
  x.fillStyle = colours.ink;
  x.fillText(text, at, y);
}

export function quiet(x, text, at, y, colours, align = "center") {
  font(x, 10);
  x.textAlign = align;
  x.textBaseline = "middle";
  x.fillStyle = colours.soft;
  x.fillText(text, at, y);
}

// The middle of a long text is left out.
export function shortened(text, most = 22) {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) * 0.6);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}

export const spoken = (name) => name.replaceAll("_", " ");

// An element; attributes that begin with "on" are listeners, and text is always text.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const button = (text, onclick, attributes = {}) =>
  element("button", { type: "button", onclick, ...attributes }, text);
