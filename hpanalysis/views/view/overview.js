// Results by data set: one strip each, all runs in grey and the selected in colour. A drag along it filters by result.

import { canvas, element, halo, shortened } from "./draw.js";
import { count, format, ticks } from "./numbers.js";
import { readable } from "./selection.js";

const BINS = 80;
const LEFT = 104;
const RIGHT = 16;
const FOOT = 22;

export function overview(app) {
  const { datasets, data } = app;
  const { n } = data;
  const names = datasets ? datasets.levels : ["all runs"];
  const row = names.length > 12 ? 44 : 66;
  const picture = canvas("Results by data set");
  const labels = element("div", { class: "hp-sets" });
  const box = element("div", { class: "hp-overview" }, picture, labels);
  const buttons = names.map((name, g) => {
    const title = `${name}: only this data set, or not`;
    const made = element("button", { type: "button", "aria-pressed": "false", title, onclick: () => toggle(g) }, name);
    made.style.top = `${g * row + row / 2 - 14}px`;
    return made;
  });
  if (datasets) labels.append(...buttons);
  const all = new Uint32Array(BINS * names.length);
  const some = new Uint32Array(BINS * names.length);
  const lost = new Uint32Array(names.length);
  const bin = new Int32Array(n);
  let binned = null;
  let width = 0;
  let drag = null;
  const x = (p) => LEFT + p * (width - LEFT - RIGHT);
  const set = (i) => (datasets ? datasets.code[i] : 0);

  function toggle(g) {
    const chosen = new Set(app.selection.filters.get(datasets.key)?.levels ?? []);
    if (!chosen.delete(g)) chosen.add(g);
    app.filter(datasets, chosen.size && chosen.size < names.length ? { levels: chosen } : null);
  }

  function bins(axis) {
    binned = axis;
    all.fill(0);
    lost.fill(0);
    for (let i = 0; i < n; i++) {
      const p = axis.position[i];
      bin[i] = Number.isNaN(p) ? -1 : set(i) * BINS + Math.max(0, Math.min(BINS - 1, (p * BINS) | 0));
      if (bin[i] < 0) lost[set(i)]++;
      else all[bin[i]]++;
    }
  }

  function draw(scale) {
    width = box.clientWidth;
    if (!width) return;
    const { colours, selection } = app;
    const axis = app.axis(app.scale);
    const context = picture.fit(width, names.length * row + FOOT, scale);
    if (binned !== axis) bins(axis);
    const own = selection.rejects.get(axis.key);
    some.fill(0);
    for (let i = 0; i < n; i++) {
      const others = own ? selection.failures[i] - own[i] : selection.failures[i];
      if (others === 0 && bin[i] >= 0) some[bin[i]]++;
    }
    const filter = selection.filters.get(axis.key);
    const [from, to] = filter ? [axis.at(filter.low), axis.at(filter.high)] : [0, 1];
    if (filter) {
      context.fillStyle = colours.accent;
      context.globalAlpha = 0.16;
      context.fillRect(x(from), 0, Math.max(2, x(to) - x(from)), names.length * row);
      context.globalAlpha = 1;
    }
    names.forEach((name, g) => strip(context, g, { from, to, filtered: Boolean(filter) }));
    for (const t of ticks(axis.low, axis.high, false, width < 500 ? 4 : 8)) {
      halo(context, format(t), x(axis.at(t)), names.length * row + 12, colours, { align: "center" });
    }
    const total = (g) => count(some.subarray(g * BINS, (g + 1) * BINS).reduce((a, b) => a + b, 0));
    const told = names.slice(0, 20).map((name, g) => `${shortened(name, 40)} ${total(g)} runs`);
    picture.setAttribute("aria-label", `${axis.name} by data set: ${told.join(", ")}`);
    const pressed = datasets && selection.filters.get(datasets.key)?.levels;
    buttons.forEach((b, g) => b.setAttribute("aria-pressed", String(Boolean(pressed?.has(g)))));
  }

  function strip(context, g, { from, to, filtered }) {
    const { colours } = app;
    const base = (g + 1) * row - 6;
    const own = all.subarray(g * BINS, (g + 1) * BINS);
    const most = Math.max(1, ...own);
    // The square root lets few runs be seen beside many.
    const height = (v) => Math.sqrt(v / most) * (row - 16);
    const step = (width - LEFT - RIGHT) / BINS;
    context.fillStyle = colours.line;
    own.forEach((v, b) => v && context.fillRect(x(b / BINS), base - height(v), step, height(v)));
    for (let b = 0; b < BINS; b++) {
      const v = some[g * BINS + b];
      if (!v) continue;
      const middle = (b + 0.5) / BINS;
      const inside = !filtered || (middle >= from && middle <= to);
      context.fillStyle = inside ? colours.accent : colours.soft;
      context.globalAlpha = inside ? 1 : 0.45;
      context.fillRect(x(b / BINS), base - height(v), Math.max(0.5, step - 0.4), height(v));
    }
    context.globalAlpha = 1;
    context.fillStyle = colours.line;
    context.fillRect(LEFT, base, width - LEFT - RIGHT, 1);
    if (lost[g]) halo(context, `${count(lost[g])} without`, 4, base - 3, { ...colours, ink: colours.bad });
  }

  const at = (e) => {
    const left = picture.getBoundingClientRect().left;
    return Math.max(0, Math.min(1, (e.clientX - left - LEFT) / (width - LEFT - RIGHT)));
  };
  picture.addEventListener("pointerdown", (e) => {
    if (e.button) return;
    picture.setPointerCapture(e.pointerId);
    drag = { from: at(e), moved: false };
  });
  picture.addEventListener("pointermove", (e) => {
    if (!drag) return;
    const axis = app.axis(app.scale);
    const ends = [drag.from, at(e)].sort((a, b) => a - b);
    if (!drag.moved && ends[1] - ends[0] < 0.01) return;
    drag.moved = true;
    app.selection.set(axis, { low: axis.of(ends[0]), high: axis.of(ends[1]) });
    app.now();
  });
  picture.addEventListener("pointerup", () => {
    if (!drag) return;
    const axis = app.axis(app.scale);
    app.filter(axis, drag.moved ? readable(axis, app.selection.filters.get(axis.key)) : null);
    drag = null;
  });
  picture.addEventListener("pointercancel", () => (drag = null));
  return { box, draw };
}
