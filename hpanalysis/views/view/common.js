// What the good runs have in common: a line a level, and the pairs of levels that stand out.

import { button, element, spoken } from "./draw.js";
import { count, percent, plural } from "./numbers.js";
import { lifts, pairs } from "./evidence.js";

const WIDEST = 2.5;
const SHOWN = 12;

export function common(app) {
  const said = element("p", { class: "hp-soft" });
  const warned = element("p", { class: "hp-warn", hidden: true });
  const tables = element("div", { class: "hp-lifts", tabindex: 0, role: "region", "aria-label": "levels of the good runs" });
  const list = element("ol", { class: "hp-pairs" });
  const note = element("p", { class: "hp-soft" });
  let all = false;

  function draw(q) {
    const told = lifts(app, q).sort((a, b) => b.told - a.told || (a.axis.name < b.axis.name ? -1 : 1));
    app.told = told;
    const good = q.scores.length ? "in the brushed results" : `among the best tenth${app.datasets ? " of their data set" : ""}`;
    const widened = q.design > 1.02 ? `, ${q.design.toFixed(2)} times wider in variance as runs share a configuration` : "";
    said.textContent = q.G
      ? `${count(q.G)} of ${plural(q.N, "run")} are ${good}. × says how many times more frequent a level is among them than among those ${count(q.N)}, with its 95 % interval: each by itself, not for all that is looked at here${widened}.`
      : `None of ${plural(q.N, "run")} is ${good}.`;
    const sets = app.datasets && new Set(app.datasets.code.filter((_, i) => q.population[i])).size;
    warned.hidden = !(sets > 1 && q.scores.some((key) => key !== "rank" && key !== "place"));
    warned.textContent = "Raw results mostly tell the data sets apart: filter by place or rank instead.";
    const shown = all ? told : told.slice(0, SHOWN);
    tables.replaceChildren(...shown.map(table));
    if (shown.length < told.length) {
      const more = () => {
        all = true;
        app.later();
      };
      tables.append(button(`${told.length - shown.length} more, which tell less`, more));
    }
  }

  function table({ axis, rows }) {
    const name = button(spoken(axis.name), () => app.compare(axis.key));
    const body = rows.map((row) => {
      const tone = row.low > 1 ? "more" : row.high < 1 ? "less" : "";
      const title = `${row.label}: ${count(row.k)} good of ${plural(row.K, "run")}; click to filter`;
      const known = Number.isFinite(row.ratio);
      const text = known ? `×${row.ratio.toFixed(2)} [${row.low.toFixed(2)}, ${row.high.toFixed(2)}]` : "–";
      return element(
        "tr",
        { class: tone },
        element("th", { scope: "row" }, button(row.label, () => app.only(axis, row.level), { title })),
        element("td", { class: "hp-strip" }, known ? strip(row) : ""),
        element("td", { class: "num" }, text),
      );
    });
    return element("table", { class: app.detail === axis.key ? "on" : "" }, element("caption", {}, name), element("tbody", {}, ...body));
  }

  function strip({ ratio, low, high }) {
    const at = (v) => `${(100 * Math.min(WIDEST, v)) / WIDEST}%`;
    const part = (name, style) => {
      const made = element("i", { class: name });
      Object.assign(made.style, style);
      return made;
    };
    return element(
      "div",
      {},
      part("one", { left: at(1) }),
      part("whisker", { left: at(low), width: `calc(${at(high)} - ${at(low)})` }),
      part("dot", { left: at(ratio) }),
    );
  }

  function drawPairs(q) {
    const found = pairs(app, q, app.told);
    const item = (pair) => {
      const [a, b] = pair.axes;
      const names = pair.labels.map((label, k) => `${spoken(pair.axes[k].name)} ${label}`);
      const choose = () => {
        app.only(a, pair.levels[0], true);
        app.only(b, pair.levels[1]);
      };
      const share = ` ${percent(pair.share)} good [${percent(pair.low)}, ${percent(pair.high)}] of ${count(pair.K)}`;
      return element("li", {}, button(names.join(" + "), choose), element("span", {}, share));
    };
    list.replaceChildren(...found.best.map(item));
    const left = found.looked < found.of ? ` Only the ${found.looked} most telling of ${found.of} hyperparameters are paired.` : "";
    note.textContent = found.best.length
      ? `Of all ${count(q.N)}: ${percent(found.base)}. In the order of the lower end. ${plural(found.tried, "pair")} of levels were tried, those with 20 runs or more; the 95 % intervals hold for all of them together.${left} A pair can stand out because each of its levels does: the report on interactions tells.`
      : "No pair of levels has 20 runs with a good one among them.";
  }

  const box = element("div", {}, said, warned, tables);
  return { box, pairs: element("div", {}, list, note), draw, drawPairs };
}
