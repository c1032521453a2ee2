// The best of the selected runs, and one run with its configuration and the other runs of it.

import { button, element, spoken } from "./draw.js";
import { format, percent } from "./numbers.js";

const BEST = 8;
const MOST_OTHERS = 12;

export function runs(app) {
  const { data, datasets } = app;
  const list = element("table", { class: "hp-runs" });
  const card = element("div", { class: "hp-card" });

  const pick = (i) => button(String(data.run[i]), () => app.pick(i), { "aria-label": `run ${data.run[i]}` });
  const value = (column, i) => {
    if (column.levels) return column.levels[column.code[i]] ?? "–";
    return format(column.value[i]) + (column.unit ? ` ${column.unit}` : "");
  };

  function best() {
    const { failures } = app.selection;
    const { rank } = app.model;
    const found = [];
    for (let i = 0; i < data.n; i++) {
      if (failures[i] !== 0 || Number.isNaN(app.metric.value[i])) continue;
      if (found.length === BEST && rank[i] <= rank[found[BEST - 1]]) continue;
      found.push(i);
      found.sort((a, b) => rank[b] - rank[a] || a - b);
      found.length = Math.min(BEST, found.length);
    }
    return found;
  }

  function draw() {
    const head = ["run", ...(datasets ? [datasets.name] : []), app.metric.name, "rank"];
    const cell = (text, number) => element("td", number ? { class: "num" } : {}, text);
    const row = (i) => {
      const numbers = [cell(format(app.metric.value[i]), true), cell(percent(app.model.rank[i]), true)];
      const set = datasets ? [cell(value(datasets, i))] : [];
      return element("tr", { class: i === app.run ? "on" : "" }, cell(pick(i)), ...set, ...numbers);
    };
    const names = head.map((name, k) => element("th", { scope: "col", class: k < head.length - 2 ? "" : "num" }, name));
    const where = datasets ? ", by rank in their data set" : ", by rank";
    list.replaceChildren(
      element("caption", {}, `The best of the selected${where}`),
      element("thead", {}, element("tr", {}, ...names)),
      element("tbody", {}, ...best().map(row)),
    );
    drawOne();
  }

  function drawOne() {
    const i = app.run;
    if (i < 0) {
      card.replaceChildren(element("p", { class: "hp-soft" }, "Choose a run: click a line of the picture, or a number in the list."));
      return;
    }
    const pair = (column) => element("div", {}, element("dt", {}, spoken(column.name)), element("dd", {}, value(column, i)));
    card.replaceChildren(element("h3", {}, `run ${data.run[i]}`), element("dl", {}, ...data.columns.map(pair)));
    if (!data.configuration) return;
    const own = data.configuration[i];
    const others = [...data.configuration.keys()].filter((j) => j !== i && data.configuration[j] === own);
    const here = others.filter((j) => !datasets || datasets.code[j] === datasets.code[i]);
    const there = others.filter((j) => !here.includes(j));
    const line = (title, rows, shown) => {
      if (!rows.length) return;
      const items = rows.slice(0, MOST_OTHERS).flatMap((j) => [pick(j), ` (${shown(j)}) `]);
      const more = rows.length > MOST_OTHERS ? `and ${rows.length - MOST_OTHERS} more` : "";
      card.append(element("p", { class: "hp-soft" }, title, ...items, more));
    };
    line("The same configuration again: ", here, (j) => format(app.metric.value[j]));
    line("On other data sets: ", there, (j) => `${value(datasets, j)} ${format(app.metric.value[j])}`);
  }

  return { box: element("div", {}, list), card, draw };
}
