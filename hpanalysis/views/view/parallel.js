// Every run: parallel coordinates with a brush on each axis, and a run under the pointer.

import { canvas, element, halo, shortened, spoken } from "./draw.js";
import { MISSING, inside } from "./axes.js";
import { bundles } from "./bundles.js";
import { format, ticks } from "./numbers.js";
import { readable } from "./selection.js";

const HEIGHT = 420;
const TOP = 46;
const ROOM = 44;
const LEFT = 54;
const RIGHT = 64;
// Narrower than that names and levels cannot be read: the picture scrolls instead.
const NARROWEST = 66;

export function parallel(app) {
  const { data } = app;
  const { n } = data;
  const under = canvas("");
  const lines = canvas("");
  for (const layer of [under, lines]) layer.setAttribute("aria-hidden", "true");
  const over = canvas("Parallel coordinates");
  const heads = element("div", { class: "hp-heads" });
  const rails = element("div", { class: "hp-rails" });
  const tip = element("div", { class: "hp-tip", hidden: true });
  const stage = element("div", { class: "hp-stage" }, under, lines, over, heads, rails, tip);
  const box = element("div", { class: "hp-parallel", tabindex: 0, role: "region", "aria-label": "every run" }, stage);
  const among = new Float32Array(n);
  const amongAll = new Float32Array(n);
  let painter = null;
  let paintedFor = null;
  let width = 0;
  let stale = true;
  let hover = -1;
  let held = null;

  const axes = () => app.order.map((key) => app.axis(key));
  const x = (j, m = app.order.length) => LEFT + (j * (width - LEFT - RIGHT)) / Math.max(1, m - 1);
  const y = (axis, p) => TOP + (1 - (p === MISSING || !axis.turned ? p : 1 - p)) * (HEIGHT - TOP - ROOM);
  const placeAt = (axis, py) => {
    const p = 1 - (py - TOP) / (HEIGHT - TOP - ROOM);
    return Math.max(0, Math.min(1, axis.turned ? 1 - p : p));
  };
  const height = (axis, i) => {
    if (!axis.levels) return Number.isNaN(axis.position[i]) ? MISSING : axis.position[i];
    return axis.code[i] === axis.none ? MISSING : inside(axis, axis.code[i], among[i]);
  };

  function draw(scale) {
    const room = box.clientWidth;
    if (!room) return;
    const { colours, selection, model } = app;
    const shown = axes();
    width = Math.max(room, LEFT + RIGHT + NARROWEST * (shown.length - 1));
    if (paintedFor !== model) {
      painter = bundles({ n, rank: model.rank, order: model.order });
      paintedFor = model;
      stale = true;
    }
    // Lines at one pixel a CSS pixel: twice as many cost four times as much, and print and pictures ask for them.
    const ratio = scale ?? 1;
    const frame = { axes: shown, x: (j) => x(j), y, width, height: HEIGHT, ratio };
    if (stale || scale) {
      stage.style.width = `${width}px`;
      under.fit(width, HEIGHT, ratio);
      painter.draw(under, frame, { failures: null, colours, among: amongAll });
      layout(shown);
      stale = false;
    }
    lines.fit(width, HEIGHT, ratio);
    painter.draw(lines, frame, { failures: selection.failures, colours, among });
    decorate(scale);
  }

  function decorate(scale) {
    const { colours, selection } = app;
    const context = over.fit(width, HEIGHT, scale);
    const shown = axes();
    if (app.run >= 0) polyline(context, shown, app.run, 2.5);
    if (hover >= 0) polyline(context, shown, hover, 1.5);
    shown.forEach((axis, j) => {
      const filter = selection.filters.get(axis.key);
      const px = x(j);
      context.fillStyle = filter ? colours.accent : colours.ink;
      context.globalAlpha = filter ? 0.9 : 0.55;
      context.fillRect(px - 0.5, TOP, 1, HEIGHT - TOP - ROOM);
      context.globalAlpha = 1;
      if (axis.levels) levelNames(context, axis, px, filter);
      else scaleOf(context, axis, px, filter);
      if (axis.missing) halo(context, "none", px + 6, y(axis, MISSING), colours);
    });
  }

  function polyline(context, shown, i, thickness) {
    context.strokeStyle = app.colours.pick;
    context.lineWidth = thickness;
    context.beginPath();
    shown.forEach((axis, j) => context[j ? "lineTo" : "moveTo"](x(j), y(axis, height(axis, i))));
    context.stroke();
  }

  function levelNames(context, axis, px, filter) {
    const { colours } = app;
    const count = axis.levels.length;
    const every = Math.ceil((count * 12) / (HEIGHT - TOP - ROOM));
    const room = Math.max(6, Math.floor((x(1) - x(0) - 8) / 6));
    axis.levels.forEach((level, k) => {
      const on = !filter || filter.levels.has(k);
      if (filter && on) mark(context, px, y(axis, (k + 0.1) / count), y(axis, (k + 0.9) / count));
      if (k % every) return;
      if (!on) context.globalAlpha = 0.45;
      const name = shortened(level, Math.min(22, room));
      halo(context, name, px + 6, y(axis, (k + 0.5) / count), colours, { bold: Boolean(filter) && on });
      context.globalAlpha = 1;
    });
  }

  function scaleOf(context, axis, px, filter) {
    const { colours } = app;
    if (filter) {
      const [top, bottom] = [axis.at(filter.high), axis.at(filter.low)].map((p) => y(axis, p)).sort((a, b) => a - b);
      mark(context, px, top, bottom);
      context.fillStyle = colours.accent;
      context.fillRect(px - 8, top - 1, 16, 2);
      context.fillRect(px - 8, bottom - 1, 16, 2);
      const [above, below] = axis.turned ? [filter.low, filter.high] : [filter.high, filter.low];
      halo(context, format(above), px + 10, top - 8, colours, { bold: true });
      halo(context, format(below), px + 10, bottom + 8, colours, { bold: true });
    }
    for (const t of ticks(axis.low, axis.high, axis.log)) {
      const py = y(axis, axis.at(t));
      context.fillStyle = colours.ink;
      context.fillRect(px - 3, py - 0.5, 6, 1);
      halo(context, format(t), px + 6, py, colours);
    }
  }

  function mark(context, px, from, to) {
    context.fillStyle = app.colours.accent;
    context.globalAlpha = 0.25;
    context.fillRect(px - 7, Math.min(from, to), 14, Math.max(2, Math.abs(to - from)));
    context.globalAlpha = 1;
  }

  // A button and a rail for each axis; those that stay are moved.
  function layout(shown) {
    const gap = shown.length > 1 ? x(1) - x(0) : 120;
    keyed(heads, shown, headOf).forEach((head, j) => {
      const axis = shown[j];
      head.style.left = `${x(j) - gap / 2}px`;
      head.style.width = `${gap - 2}px`;
      const longest = Math.max(...spoken(axis.name).split(" ").map((word) => word.length));
      head.style.fontSize = longest * 6.6 > gap ? "10px" : "";
      head.classList.toggle("on", app.detail === axis.key);
      const turned = axis.turned ? ", turned over" : "";
      head.setAttribute("aria-label", `${axis.name}${turned}, axis ${j + 1} of ${shown.length}`);
    });
    keyed(rails, shown, railOf).forEach((rail, j) => (rail.style.left = `${x(j) - 15}px`));
  }

  // One child a key, in the order of the axes. The one that is dragged or has the focus stays where it is in the
  // document and the others are put around it: moved itself, it would lose both.
  function keyed(parent, shown, make) {
    const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
    const kept = shown.map((axis) => old.get(axis.key) ?? make(axis));
    for (const child of old.values()) if (!kept.includes(child)) child.remove();
    const fixed = kept.find((child) => child === held || child === document.activeElement);
    let passed = !fixed;
    for (const child of kept) {
      if (child === fixed) passed = true;
      else if (passed) parent.append(child);
      else parent.insertBefore(child, fixed);
    }
    return kept;
  }

  function headOf(axis) {
    const about = axis.about ? `: ${axis.about}` : "";
    const title = `${axis.name}${about}\nclick: compare its levels · drag or Alt+arrows: move · i: turn over`;
    const b = element("button", { type: "button", class: "hp-head", "data-key": axis.key, title });
    b.append(shortened(spoken(axis.name), 40));
    let from = null;
    const move = (to) => {
      const at = app.order.indexOf(axis.key);
      if (to < 0 || to >= app.order.length || to === at) return;
      app.order.splice(at, 1);
      app.order.splice(to, 0, axis.key);
      restyle();
    };
    b.addEventListener("click", () => !from?.moved && app.compare(axis.key));
    b.addEventListener("keydown", (e) => {
      const step = e.altKey && { ArrowLeft: -1, ArrowRight: 1 }[e.key];
      if (step) {
        e.preventDefault();
        move(app.order.indexOf(axis.key) + step);
      } else if (e.key === "i") {
        axis.turned = !axis.turned;
        restyle();
      } else return;
      app.later();
    });
    b.addEventListener("pointerdown", (e) => {
      from = { x: e.clientX, moved: false };
      held = b;
      b.setPointerCapture(e.pointerId);
    });
    b.addEventListener("pointermove", (e) => {
      if (!from || !b.hasPointerCapture(e.pointerId)) return;
      if (!from.moved && Math.abs(e.clientX - from.x) < 6) return;
      from.moved = true;
      const at = e.clientX - stage.getBoundingClientRect().left;
      const last = app.order.length - 1;
      move(Math.max(0, Math.min(last, Math.round(((at - LEFT) / (width - LEFT - RIGHT)) * last))));
    });
    b.addEventListener("pointerup", () => {
      if (from?.moved) app.later();
      held = null;
      setTimeout(() => (from = null));
    });
    return b;
  }

  // The rail takes the brush, and only it holds a finger: beside it a touch scrolls the page.
  function railOf(axis) {
    const rail = element("div", { class: "hp-rail", "data-key": axis.key });
    rail.style.cursor = axis.levels ? "pointer" : "ns-resize";
    const where = (e) => e.clientY - stage.getBoundingClientRect().top;
    let drag = null;
    rail.addEventListener("pointerdown", (e) => {
      if (e.button) return;
      rail.setPointerCapture(e.pointerId);
      const from = where(e);
      drag = { from, start: placeAt(axis, from), moved: false };
      const filter = app.selection.filters.get(axis.key);
      if (!filter || axis.levels) return;
      // An end of the brush is resized, its middle moved.
      const [low, high] = [axis.at(filter.low), axis.at(filter.high)];
      const near = 8 / (HEIGHT - TOP - ROOM);
      if (Math.abs(drag.start - low) < near) drag.start = high;
      else if (Math.abs(drag.start - high) < near) drag.start = low;
      else if (drag.start > low && drag.start < high) drag.moves = { low, high, from: drag.start };
    });
    rail.addEventListener("pointermove", (e) => {
      if (!drag) return;
      const py = where(e);
      if (!drag.moved && Math.abs(py - drag.from) < 4) return;
      drag.moved = true;
      app.selection.set(axis, brushed(axis, drag, placeAt(axis, py)));
      app.now();
    });
    rail.addEventListener("pointerup", () => {
      if (!drag) return;
      const { moved, start } = drag;
      drag = null;
      const filter = app.selection.filters.get(axis.key);
      if (!axis.levels) return app.filter(axis, moved ? readable(axis, filter) : null);
      if (moved) return app.filter(axis, filter);
      const chosen = new Set(filter?.levels ?? []);
      const level = levelAt(axis, start);
      if (!chosen.delete(level)) chosen.add(level);
      return app.filter(axis, chosen.size && chosen.size < axis.levels.length ? { levels: chosen } : null);
    });
    rail.addEventListener("pointercancel", () => (drag = null));
    return rail;
  }

  const levelAt = (axis, p) => Math.min(axis.levels.length - 1, Math.floor(p * axis.levels.length));

  function brushed(axis, { start, moves }, p) {
    if (axis.levels) {
      const [from, to] = [start, p].map((q) => levelAt(axis, q)).sort((a, b) => a - b);
      return { levels: new Set(Array.from({ length: to - from + 1 }, (_, k) => from + k)) };
    }
    let [low, high] = [start, p].sort((a, b) => a - b);
    if (moves) {
      const by = Math.max(-moves.low, Math.min(1 - moves.high, p - moves.from));
      [low, high] = [moves.low + by, moves.high + by];
    }
    return { low: axis.of(low), high: axis.of(high) };
  }

  const pointer = (e) => {
    const frame = stage.getBoundingClientRect();
    return [e.clientX - frame.left, e.clientY - frame.top];
  };
  over.addEventListener("pointermove", (e) => {
    const [px, py] = pointer(e);
    const found = nearest(px, py);
    if (found !== hover) {
      hover = found;
      decorate();
    }
    tip.hidden = found < 0;
    if (found < 0) return;
    tip.textContent = app.describe(found);
    tip.style.left = `${Math.max(0, Math.min(px + 14, width - 240))}px`;
    tip.style.top = `${py + 14}px`;
  });
  over.addEventListener("pointerleave", () => {
    tip.hidden = true;
    if (hover < 0) return;
    hover = -1;
    decorate();
  });
  over.addEventListener("click", (e) => {
    const found = nearest(...pointer(e));
    if (found >= 0) app.pick(found);
  });

  // The selected run whose line passes within 6 pixels.
  function nearest(px, py) {
    const shown = axes();
    const j = Math.floor(((px - LEFT) / (width - LEFT - RIGHT)) * (shown.length - 1));
    if (shown.length < 2 || j < 0 || j >= shown.length - 1) return -1;
    const [a, b] = [shown[j], shown[j + 1]];
    const t = (px - x(j)) / (x(j + 1) - x(j));
    const { failures } = app.selection;
    let least = 6;
    let at = -1;
    for (let i = 0; i < n; i++) {
      if (failures[i] !== 0) continue;
      const [from, to] = [y(a, height(a, i)), y(b, height(b, i))];
      const distance = Math.abs(from + (to - from) * t - py);
      if (distance < least) [least, at] = [distance, i];
    }
    return at;
  }

  function restyle() {
    stale = true;
    app.now();
  }

  // The picture as it is, with the names of the axes, which on the page are buttons.
  function picture(caption) {
    const made = document.createElement("canvas");
    const head = 34;
    [made.width, made.height] = [width * 2, (HEIGHT + head) * 2];
    const context = made.getContext("2d");
    context.fillStyle = app.colours.sheet;
    context.fillRect(0, 0, made.width, made.height);
    for (const layer of [under, lines, over]) context.drawImage(layer, 0, head * 2, width * 2, HEIGHT * 2);
    context.scale(2, 2);
    halo(context, caption, 12, 16, app.colours, { bold: true });
    const room = Math.floor((x(1) - x(0)) / 6);
    axes().forEach((axis, j) => {
      const place = { align: "center", bold: true };
      halo(context, shortened(spoken(axis.name), room), x(j), head + TOP - 20, app.colours, place);
    });
    return made;
  }

  const label = (text) => over.setAttribute("aria-label", text);
  return { box, draw, restyle: () => (stale = true), picture, label };
}
