// The whole component: a head and its bytes in, an element filled. `start` is a state as text, `changed` is told each new
// one. Everything that a reader chose is in that text: it is the address of a page and the state of a widget.

import { unpack } from "./unpack.js";
import { buildAxes, groupsOf, scores } from "./axes.js";
import { Selection, pandas, readable, sorted } from "./selection.js";
import { button, element, palette, spoken } from "./draw.js";
import { overview } from "./overview.js";
import { parallel } from "./parallel.js";
import { common } from "./common.js";
import { detail } from "./detail.js";
import { runs } from "./runs.js";
import { columns, filters } from "./form.js";
import { lifts, question } from "./evidence.js";
import { count, format, lift, plural, sureShare, wilson } from "./numbers.js";

const REST = 120;
const MOST_AXES = 60;
const SHOWN_AT_FIRST = 16;
const REMEMBERED = 200;
// What a test asks for by name.
const tools = { lift, readable, sureShare, wilson };
let mounted = 0;

export async function mount(root, head, bytes, { start = "", changed = () => {} } = {}) {
  const data = await unpack(head, bytes);
  const { axes, constant } = buildAxes(data);
  const app = { data, run: -1, detail: null, order: [], mostAxes: MOST_AXES, told: [], ...tools };
  app.datasets = axes.find((axis) => axis.role === "dataset") ?? null;
  app.hyperparameters = axes.filter((axis) => axis.role === "hyperparameter");
  const metrics = axes.filter((axis) => axis.goal);
  const results = new Set(metrics.map((axis) => axis.key));
  app.isScore = (key) => results.has(key) || key === "rank" || key === "place";
  app.axes = () => [...axes, app.model.place, app.model.percentile];
  const known = new Map(axes.map((axis) => [axis.key, axis]));
  app.axis = (key) => (key === "rank" ? app.model.percentile : key === "place" ? app.model.place : known.get(key));
  const models = new Map();
  app.measure = (axis) => {
    if (!models.has(axis)) models.set(axis, scores(axis, app.datasets, data.n));
    const before = app.metric;
    app.metric = axis;
    app.model = models.get(axis);
    // The raw scale is that of the metric that was chosen.
    if (app.scale === before?.key) app.scale = axis.key;
  };
  app.measure(known.get(data.metric));
  const selection = (app.selection = new Selection(app.axes(), data.n));

  // What a reader may do.
  app.filter = (axis, filter) => {
    selection.set(axis, filter);
    refresh();
  };
  app.only = (axis, level, wait) => {
    const [low, high] = axis.levels ? [] : groupsOf(axis).range(level);
    selection.set(axis, axis.levels ? { levels: new Set([level]) } : { low, high });
    if (!wait) refresh();
  };
  app.pick = (i) => {
    app.run = app.run === i ? -1 : i;
    refresh();
  };
  app.compare = (key) => {
    if (!app.hyperparameters.includes(app.axis(key))) return;
    app.detail = key;
    lines.restyle();
    refresh();
  };
  app.show = (key, yes) => {
    if (yes && !app.order.includes(key)) app.order.push(key);
    if (!yes && app.order.length > 2) app.order = app.order.filter((k) => k !== key);
    lines.restyle();
    refresh();
  };
  app.describe = (i) => {
    const part = (axis) => `${axis.name}: ${axis.levels ? (axis.levels[axis.code[i]] ?? "–") : format(axis.value[i])}`;
    return [`run ${data.run[i]}`, ...app.order.slice(0, 14).map((key) => part(app.axis(key)))].join("\n");
  };
  const refresh = () => {
    app.now();
    app.later();
  };

  // The elements.
  const status = element("output", { class: "hp-status", "aria-live": "polite" });
  const chips = element("span", { class: "hp-chips" });
  const copied = element("textarea", { readonly: true, rows: 2, "aria-label": "what was copied", hidden: true });
  const said = element("span", { class: "hp-soft", "aria-live": "polite" });
  const undo = button("Undo", () => app.undo());
  const bar = element(
    "div",
    { class: "hp-bar" },
    ...[status, chips, undo, button("Clear", () => (selection.clear(), refresh()))],
    button("Copy as pandas", () => copy(pandas(selection, data, app.metric), "the query"), { title: "for the frame `runs = sweep.runs`" }),
    button("Copy run ids", () => copy(JSON.stringify(selection.rows().map((i) => data.run[i])), "the ids")),
    ...[button("Save picture", save), said, copied],
  );
  const id = ++mounted;
  const radio = (text, key) => {
    const onchange = () => {
      app.scale = key() ?? app.metric.key;
      refresh();
    };
    const input = element("input", { type: "radio", name: `hp-scale-${id}`, onchange });
    return { input, key, label: element("label", {}, input, element("span", {}, text)) };
  };
  const inSet = app.datasets ? " in data set" : "";
  const radios = [radio("", () => app.metric.key), radio(`place${inSet}`, () => "place"), radio(`rank${inSet}`, () => "rank")];
  const scaleBox = element("div", { role: "radiogroup", "aria-label": "scale of results" }, ...radios.map((r) => r.label));
  const metricBox = select("the metric that ranks the runs", metrics, (axis) => {
    choose(axis);
    refresh();
  });
  if (metrics.length > 1) scaleBox.append(element("label", {}, " ranked by ", metricBox));
  const detailBox = select("hyperparameter to compare", app.hyperparameters, (axis) => app.compare(axis.key));
  const strips = overview(app);
  const lines = parallel(app);
  const shared = common(app);
  const one = detail(app);
  const table = runs(app);
  const form = filters(app);
  const chooser = columns(app);
  const section = (title, ...parts) => element("section", {}, element("h2", {}, ...[title].flat()), ...parts);
  const two = (...parts) => element("div", { class: "hp-two" }, ...parts);
  const legend = `A line is a bundle of runs that lie in the same pair of bins: all ${plural(data.n, "run")} are counted. Its colour is their mean rank${inSet ? " in their data set" : ""}, pale the worst and deep the best; inside a level the better of the selected lie higher. "none" is where a run has no value.`;
  const same = constant.filter((column) => column.role !== "status").map((column) => column.name);
  const notes = [legend, ...(same.length ? [`The same in all runs, so no axis: ${same.slice(0, 20).join(", ")}${same.length > 20 ? ` and ${same.length - 20} more` : ""}.`] : []), ...data.notes];
  root.classList.add("hp-views");
  root.replaceChildren(
    bar,
    two(section("Results", scaleBox, strips.box), section("What the good runs have in common", shared.box)),
    section("Every run", element("div", { class: "hp-tools" }, button("Order axes by what tells good runs apart", orderAxes), chooser.box), lines.box, ...notes.map((note) => element("p", { class: "hp-soft" }, note))),
    two(
      section("Pairs of levels that stand out", shared.pairs, table.box, table.card),
      section(["One hyperparameter: ", detailBox], one.box),
    ),
    form.box,
  );

  function select(label, among, chosen) {
    const options = among.map((axis) => element("option", { value: axis.key }, spoken(axis.name)));
    const made = element("select", { "aria-label": label, onchange: () => chosen(app.axis(made.value)) }, ...options);
    return made;
  }

  function choose(axis) {
    app.measure(axis);
    selection.renew(app.model.place);
    selection.renew(app.model.percentile);
    lines.restyle();
  }

  async function copy(text, what) {
    copied.hidden = false;
    copied.value = text;
    copied.select();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      document.execCommand("copy");
    }
    said.textContent = `${what} copied`;
    setTimeout(() => (said.textContent = ""), 2500);
  }

  function orderAxes() {
    const told = new Map(app.told.map((t) => [t.axis.key, t.told]));
    // The data set first, the results last, and the most telling hyperparameter beside them.
    const weight = (key) => (app.isScore(key) ? 99 : told.has(key) ? told.get(key) : key === app.datasets?.key ? -2 : -1);
    app.order.sort((p, q) => weight(p) - weight(q));
    lines.restyle();
    refresh();
  }

  // While something is dragged: counts and pictures only, once a frame.
  let wanted = false;
  let timer = 0;
  app.colours = palette(root);
  const paint = () => {
    wanted = false;
    const scale = app.printing ? 2 : undefined;
    strips.draw(scale);
    lines.draw(scale);
    status.textContent = `${count(selection.count())} of ${plural(data.n, "run")}`;
  };
  app.now = () => {
    if (wanted) return;
    wanted = true;
    requestAnimationFrame(paint);
  };
  app.later = () => {
    app.resting = false;
    clearTimeout(timer);
    timer = setTimeout(rest, REST);
  };

  // When the pointer rests: a task each, so that none is long; a newer change ends an older round.
  let round = 0;
  app.rounds = 0;
  async function rest() {
    const own = ++round;
    const q = question(app);
    const scale = app.printing ? 2 : undefined;
    const steps = [() => shared.draw(q), () => shared.drawPairs(q), () => one.draw(q, scale), () => table.draw(), close];
    for (const step of steps) {
      await new Promise((done) => setTimeout(done));
      if (own !== round) return;
      step();
    }
  }

  function close() {
    detailBox.value = app.detail ?? "";
    metricBox.value = app.metric.key;
    radios[0].label.querySelector("span").textContent = app.metric.name;
    for (const { input, key } of radios) input.checked = key() === app.scale;
    chips.replaceChildren(...[...selection.filters].map(chip));
    form.draw();
    chooser.draw();
    lines.label(`Parallel coordinates of ${app.order.length} columns, ${status.textContent} selected. The same filters are in the form at the end.`);
    const text = app.state();
    if (text !== current) {
      if (!undoing) past.push(current);
      if (past.length > REMEMBERED) past.shift();
      current = text;
    }
    undoing = false;
    undo.disabled = !past.length;
    app.rounds++;
    app.resting = true;
    changed(text);
  }

  function chip([key, filter]) {
    const axis = app.axis(key);
    const levels = filter.levels && sorted(filter.levels).map((k) => axis.levels[k]);
    const what = levels ? levels.join(", ") : `${format(filter.low)} to ${format(filter.high)}`;
    const label = `remove the filter ${axis.name} ${what}`;
    return button(`${spoken(axis.name)}: ${what} ×`, () => app.filter(axis, null), { class: "hp-chip", "aria-label": label });
  }

  // The state: what is default is left out, and what is not there is passed over.
  let current = null;
  let undoing = false;
  const past = [];
  const first = () => {
    const usual = axes.filter((axis) => ["dataset", "hyperparameter", "status", "budget"].includes(axis.role));
    const left = SHOWN_AT_FIRST - 2 - (usual.length - app.hyperparameters.length);
    const told = app.hyperparameters.length > left ? lifts(app, question(app)).sort((a, b) => b.told - a.told) : null;
    const telling = told && new Set(told.slice(0, Math.max(4, left)).map((t) => t.axis));
    const shown = usual.filter((axis) => !telling || axis.role !== "hyperparameter" || telling.has(axis));
    return [...shown.map((axis) => axis.key), data.metric, "rank"];
  };
  const initial = first();
  const listed = (keys) => keys.map(encodeURIComponent).join(",");
  const unlisted = (text) => {
    const keys = (text ?? "").split(",").map((part) => { try { return decodeURIComponent(part); } catch { return ""; } });
    return [...new Set(keys)].filter((key) => app.axis(key));
  };
  // Only what would separate: a state is read by people, too.
  const escaped = (value) => value.replace(/[%&#+\s]/g, encodeURIComponent);
  app.state = () => {
    const turned = app.axes().filter((axis) => axis.turned).map((axis) => axis.key);
    const parts = {
      f: selection.text(),
      metric: app.metric.key === data.metric ? "" : app.metric.key,
      scale: app.scale === app.metric.key ? "" : app.scale,
      detail: app.detail === app.hyperparameters[0]?.key ? "" : (app.detail ?? ""),
      run: app.run >= 0 ? String(data.run[app.run]) : "",
      axes: listed(app.order) === listed(initial) ? "" : listed(app.order),
      turned: listed(turned),
    };
    return Object.entries(parts).filter(([, value]) => value).map(([key, value]) => `${key}=${escaped(value)}`).join("&");
  };
  app.setState = (text) => {
    const given = new URLSearchParams(text);
    const metric = metrics.find((axis) => axis.key === given.get("metric"));
    app.scale = app.metric.key;
    choose(metric ?? known.get(data.metric));
    if (["place", "rank"].includes(given.get("scale"))) app.scale = given.get("scale");
    const asked = app.axis(given.get("detail"));
    app.detail = (app.hyperparameters.includes(asked) ? asked : app.hyperparameters[0])?.key ?? null;
    const order = unlisted(given.get("axes")).slice(0, MOST_AXES);
    app.order = order.length > 1 ? order : [...initial];
    const turned = unlisted(given.get("turned"));
    for (const axis of app.axes()) axis.turned = turned.includes(axis.key);
    app.run = given.has("run") ? data.run.findIndex((id) => String(id) === given.get("run")) : -1;
    selection.read(given.get("f"));
    lines.restyle();
    refresh();
  };
  app.undo = () => {
    if (!past.length) return;
    undoing = true;
    app.setState(past.pop());
  };

  // Colours of the page, print, size.
  const again = (print, scale) => {
    app.colours = palette(root, print);
    lines.restyle();
    strips.draw(scale);
    lines.draw(scale);
    one.draw(question(app), scale);
  };
  const media = matchMedia("(prefers-color-scheme: dark)");
  const listeners = [
    [media, "change", () => again(false)],
    [window, "beforeprint", () => ((app.printing = true), again(true, 2))],
    [window, "afterprint", () => ((app.printing = false), again(false))],
    [root, "keydown", (e) => (e.ctrlKey || e.metaKey) && e.key === "z" && !/^(INPUT|TEXTAREA)$/.test(e.target.tagName) && app.undo()],
  ];
  for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
  const size = new ResizeObserver(() => {
    if (app.printing) return;
    lines.restyle();
    refresh();
  });
  size.observe(root);

  function save() {
    again(false, 2);
    const what = [...selection.filters].map(([key, filter]) => chip([key, filter]).textContent.replace(" ×", ""));
    const href = lines.picture(`${data.name}: ${[status.textContent, ...what].join(" · ")}`).toDataURL("image/png");
    element("a", { href, download: `${data.name.replace(/[^\w.-]+/g, "-")}-runs.png` }).click();
    again(false);
  }

  app.destroy = () => {
    size.disconnect();
    clearTimeout(timer);
    round++;
    for (const [target, name, listener] of listeners) target.removeEventListener(name, listener);
    root.replaceChildren();
  };
  app.setState(start);
  current = app.state();
  return app;
}
