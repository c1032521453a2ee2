// One hyperparameter: how results are spread over its levels, its curves, and its effect on easy and hard data sets.

import { DASHES, canvas, element, font, halo, quiet, shortened } from "./draw.js";
import { byDifficulty, medianCurves, spreads } from "./evidence.js";
import { groupsOf } from "./axes.js";
import { count, format, plural, ticks } from "./numbers.js";

const ROW = 20;
const CURVE = 150;
const SLOPE = 190;
// More levels than that cannot be told apart by a line.
const MOST_LINES = 7;

export function detail(app) {
  const { data, datasets } = app;
  const { n } = data;
  const verdicts = element("div", { class: "hp-verdicts" });
  const spread = canvas("Results by level and data set");
  const curves = canvas("Median learning curves by level");
  const slopes = canvas("Effect against the difficulty of the data set");
  const titles = ["Results by level", "Median learning curves", "On easy and on hard data sets"].map((text) => element("h3", {}, text));
  const curveNote = element("p", { class: "hp-soft" });
  const slopeNote = element("p", { class: "hp-soft" });
  const table = element("table");
  const box = element("div", { class: "hp-detail" }, verdicts, titles[0], spread, element("div", { class: "hp-aside" }, table));
  box.append(titles[1], curves, curveNote, titles[2], slopes, slopeNote);
  const names = datasets ? datasets.levels : ["all runs"];
  const set = (i) => (datasets ? datasets.code[i] : 0);

  function draw(q, scale) {
    const axis = app.axis(app.detail);
    const width = box.clientWidth;
    box.hidden = !axis;
    if (!axis || !width) return;
    const groups = groupsOf(axis);
    const result = app.axis(app.scale);
    const count = groups.labels.length;
    const group = (i) => (groups.code[i] === groups.none ? -1 : groups.code[i] * names.length + set(i));
    const found = spreads({ group, groups: count * names.length, population: q.population, position: result.position });
    const own = (level, g) => found[level * names.length + g];
    const shown = [...names.keys()].filter((g) => groups.labels.some((_, k) => own(k, g).n + own(k, g).lost));
    const columns = Math.min(shown.length || 1, width > 700 ? 4 : width > 430 ? 2 : 1);
    const frame = { axis, groups, shown, columns, width, scale, cell: width / columns, rows: Math.ceil(shown.length / columns) || 1 };
    promised(axis);
    drawSpreads(frame, result, own);
    fillTable(frame, result, own);
    drawCurves(frame, q, group);
    drawSlopes(frame, q);
  }

  // What the report promises of it, so that it is never confused with what is only seen here.
  function promised(axis) {
    const said = data.verdicts?.[axis.key];
    verdicts.hidden = !data.verdicts;
    if (!data.verdicts) return;
    const item = ({ text, holds }) => {
      const tag = element("span", { class: holds ? "hp-holds" : "hp-tag" }, holds ? "holds for the whole report" : "exploratory");
      return element("li", {}, tag, ` ${text}`);
    };
    const list = said?.length ? element("ul", {}, ...said.map(item)) : element("p", {}, "Nothing that would hold.");
    verdicts.replaceChildren(element("h3", {}, `What the report says of ${axis.name}`), list);
  }

  const colour = (k) => app.colours.series[k % app.colours.series.length];
  const corner = ({ columns, cell }, at, height) => [(at % columns) * cell, Math.floor(at / columns) * height];

  function drawSpreads(frame, result, own) {
    const { axis, groups, shown, cell, rows, width, scale } = frame;
    const { colours } = app;
    const tall = 40 + groups.labels.length * ROW;
    const x = spread.fit(width, rows * tall, scale);
    font(x);
    const labels = groups.labels.map((label) => shortened(label, 20));
    const left = Math.min(cell * 0.45, 10 + Math.max(...labels.map((label) => x.measureText(label).width)));
    shown.forEach((g, at) => {
      const [ox, oy] = corner(frame, at, tall);
      const X = (p) => ox + left + 4 + p * (cell - left - 20);
      halo(x, shortened(names[g], 24), ox + left + 4, oy + 9, colours, { bold: true });
      labels.forEach((label, k) => {
        const y = oy + 28 + k * ROW;
        const { at: q } = own(k, g);
        font(x);
        x.textAlign = "right";
        x.fillStyle = colours.ink;
        x.fillText(label, ox + left - 2, y, left - 4);
        if (!q) return;
        x.fillStyle = colour(k);
        x.globalAlpha = 0.5;
        x.fillRect(X(q[0]), y - 0.5, Math.max(1, X(q[4]) - X(q[0])), 1.5);
        x.fillRect(X(q[1]), y - 5, Math.max(1, X(q[3]) - X(q[1])), 10);
        x.globalAlpha = 1;
        x.fillStyle = colours.ink;
        x.fillRect(X(q[2]) - 1, y - 7, 2, 14);
      });
      for (const t of ticks(result.low, result.high, false, cell > 260 ? 5 : 3)) quiet(x, format(t), X(result.at(t)), oy + tall - 8, colours);
    });
    const what = `${result.name} by level of ${axis.name} and data set: the middle half of the runs, 90 % of them, the median`;
    spread.setAttribute("aria-label", `${what}; the table that follows has the medians`);
  }

  function fillTable({ axis, groups, shown }, result, own) {
    const cell = ({ at, n: runs, lost }) => (at ? `${format(result.of(at[2]))} (${plural(runs, "run")}, ${count(lost)} without)` : "–");
    const head = ["level", ...shown.map((g) => names[g])].map((name) => element("th", { scope: "col" }, name));
    const row = (label, k) => {
      const cells = shown.map((g) => element("td", {}, cell(own(k, g))));
      return element("tr", {}, element("th", { scope: "row" }, label), ...cells);
    };
    const caption = element("caption", {}, `median ${result.name} by level of ${axis.name}`);
    table.replaceChildren(caption, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...groups.labels.map(row)));
  }

  function drawCurves(frame, q, group) {
    const { axis, groups, shown, cell, rows, width, scale } = frame;
    const own = data.curves;
    for (const part of [titles[1], curves, curveNote]) part.hidden = !own;
    if (!own) return;
    const { colours } = app;
    const medians = medianCurves(own, { group, groups: groups.labels.length * names.length, population: q.population });
    const x = curves.fit(width, rows * CURVE, scale);
    const last = own.steps.length - 1;
    const [low, high] = [own.scale[0], own.scale.at(-1)];
    shown.forEach((g, at) => {
      const [ox, oy] = corner(frame, at, CURVE);
      const X = (e) => ox + 40 + (last ? e / last : 0.5) * (cell - 58);
      const Y = (v) => oy + CURVE - 24 - ((v - low) / (high - low || 1)) * (CURVE - 44);
      halo(x, shortened(names[g], 24), ox + 40, oy + 8, colours, { bold: true });
      for (const t of ticks(low, high, false, 5)) {
        x.fillStyle = colours.line;
        x.fillRect(ox + 40, Y(t), cell - 58, 1);
        quiet(x, format(t), ox + 36, Y(t), colours, "right");
      }
      quiet(x, `${own.step_name} ${format(own.steps[0])}`, X(0), oy + CURVE - 10, colours, "left");
      quiet(x, format(own.steps[last]), X(last), oy + CURVE - 10, colours, "right");
      const line = (value, style, dash, thickness) => {
        x.strokeStyle = style;
        x.lineWidth = thickness;
        x.setLineDash(dash);
        x.beginPath();
        for (let e = 0; e <= last; e++) if (!Number.isNaN(value(e))) x.lineTo(X(e), Y(value(e)));
        x.stroke();
        x.setLineDash([]);
      };
      groups.labels.slice(0, MOST_LINES).forEach((_, k) => {
        line((e) => medians[k * names.length + g][e], colour(k), DASHES[k % DASHES.length], 1.8);
      });
      if (app.run >= 0 && set(app.run) === g) {
        line((e) => own.scale[own.level[e * n + app.run]] ?? NaN, colours.pick, [], 2.5);
      }
    });
    const run = app.run >= 0 ? `, and the run ${data.run[app.run]}` : "";
    curves.setAttribute("aria-label", `Median ${own.name} by ${own.step_name} for each level of ${axis.name}${run}`);
    const left = groups.labels.length > MOST_LINES ? ` The first ${MOST_LINES} levels only.` : "";
    curveNote.textContent = `${own.name}; a level needs 5 runs with curves.${own.note ? ` ${own.note}` : ""}${left}`;
  }

  function drawSlopes({ axis, width, scale }, q) {
    const found = byDifficulty(app, axis, q);
    const enough = found && found.sets.length > 1;
    for (const part of [titles[2], slopes, slopeNote]) part.hidden = !enough;
    if (!enough) return;
    const { colours } = app;
    const x = slopes.fit(width, SLOPE, scale);
    const medians = found.sets.map((s) => s.median);
    const [least, most] = [medians[0], medians[medians.length - 1]];
    const room = 120;
    const X = (v) => 44 + (most > least ? (v - least) / (most - least) : 0.5) * (width - 60 - room) + 10;
    const all = found.sets.flatMap((s) => s.ranks).filter(Number.isFinite);
    const [low, high] = [Math.min(0.4, ...all), Math.max(0.6, ...all)];
    const Y = (r) => 14 + (1 - (r - low) / (high - low)) * (SLOPE - 60);
    for (const t of ticks(low, high, false, 4)) {
      x.fillStyle = colours.line;
      x.fillRect(44, Y(t), width - 50 - room, 1);
      quiet(x, format(t), 38, Y(t), colours, "right");
    }
    let taken = -Infinity;
    for (const s of found.sets) {
      x.fillStyle = colours.soft;
      x.fillRect(X(s.median) - 0.5, SLOPE - 44, 1, 5);
      if (X(s.median) < taken) continue;
      const name = shortened(s.name, 14);
      quiet(x, name, X(s.median), SLOPE - 32, colours);
      taken = X(s.median) + name.length * 6 + 6;
    }
    quiet(x, `median ${app.metric.name} of the data set`, 44 + (width - 50 - room) / 2, SLOPE - 12, colours);
    const labels = found.labels.slice(0, MOST_LINES);
    const ends = labels.map((label, k) => ({ label, k, y: Y(found.sets.at(-1).ranks[k]) })).filter((e) => !Number.isNaN(e.y));
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((e, j) => (e.y = Math.max(e.y, j ? ends[j - 1].y + 13 : 0)));
    labels.forEach((_, k) => {
      x.strokeStyle = x.fillStyle = colour(k);
      x.lineWidth = 1.8;
      x.setLineDash(DASHES[k % DASHES.length]);
      x.beginPath();
      for (const s of found.sets) if (!Number.isNaN(s.ranks[k])) x.lineTo(X(s.median), Y(s.ranks[k]));
      x.stroke();
      x.setLineDash([]);
      for (const s of found.sets) if (!Number.isNaN(s.ranks[k])) x.fillRect(X(s.median) - 2.5, Y(s.ranks[k]) - 2.5, 5, 5);
    });
    for (const { label, y } of ends) halo(x, shortened(label, 18), width - room + 2, y, colours);
    slopes.setAttribute("aria-label", `Mean rank of each level of ${axis.name} in its data set, data sets in the order of their median result`);
    const hard = app.metric.goal === "min" ? "right" : "left";
    slopeNote.textContent = `Mean rank of each level within its data set, where one half is the average run; hard data sets at the ${hard}. Lines that cross: the better level hangs on the data.`;
  }

  return { box, draw };
}
