// The same filters as a form, for the keyboard, for a screen reader and for exact numbers; and which columns are shown.

import { element, spoken } from "./draw.js";
import { format } from "./numbers.js";

// A sweep may have hundreds of columns: what is folded is made when it is first opened.
function folded(summary, fill, attributes) {
  const body = element("div");
  const box = element("details", attributes, element("summary", {}, summary), body);
  let update = null;
  const open = () => {
    if (!box.open) return;
    update ??= fill(body);
    update();
  };
  box.addEventListener("toggle", open);
  return { box, draw: open };
}

export function filters(app) {
  const fill = (body) => {
    const updates = app.axes().map((axis) => {
      const set = element("fieldset", {}, element("legend", {}, spoken(axis.name)));
      body.append(set);
      return axis.levels ? boxes(axis, set) : ends(axis, set);
    });
    return () => updates.forEach((update) => update());
  };

  function boxes(axis, set) {
    const inputs = axis.levels.map((level, k) => {
      const onchange = () => {
        const chosen = new Set(app.selection.filters.get(axis.key)?.levels ?? []);
        if (inputs[k].checked) chosen.add(k);
        else chosen.delete(k);
        app.filter(axis, chosen.size && chosen.size < axis.levels.length ? { levels: chosen } : null);
      };
      const input = element("input", { type: "checkbox", onchange });
      set.append(element("label", {}, input, level));
      return input;
    });
    return () => {
      const chosen = app.selection.filters.get(axis.key)?.levels;
      inputs.forEach((input, k) => (input.checked = Boolean(chosen?.has(k))));
    };
  }

  function ends(axis, set) {
    // The axes of scores are made anew when another metric is chosen.
    const now = () => app.axis(axis.key);
    const onchange = () => {
      const { low: least, high: most } = now();
      const [from, to] = [low.value === "" ? least : +low.value, high.value === "" ? most : +high.value];
      const empty = low.value === "" && high.value === "";
      app.filter(now(), empty || !(from <= to) ? null : { low: from, high: to });
    };
    const input = (word) => element("input", { type: "number", step: "any", "aria-label": `${axis.name} ${word}`, onchange });
    const [low, high] = [input("from"), input("to")];
    set.append(low, " to ", high);
    return () => {
      const { low: least, high: most } = now();
      const filter = app.selection.filters.get(axis.key);
      [low.placeholder, high.placeholder] = [format(least), format(most)];
      low.value = filter && filter.low > least ? filter.low : "";
      high.value = filter && filter.high < most ? filter.high : "";
    };
  }

  return folded("Filters as a form (for the keyboard, for exact numbers)", fill, { class: "hp-filters" });
}

export function columns(app) {
  const fill = (body) => {
    const note = element("p", { class: "hp-soft" });
    const inputs = app.axes().map((axis) => {
      const onchange = () => app.show(axis.key, input.checked);
      const input = element("input", { type: "checkbox", onchange });
      const row = element("label", {}, input, spoken(axis.name));
      body.append(row);
      return [axis.key, input];
    });
    body.append(note);
    return () => {
      for (const [key, input] of inputs) input.checked = app.order.includes(key);
      note.textContent = `${app.order.length} of ${inputs.length} are axes of the picture; up to ${app.mostAxes} may be.`;
      const full = app.order.length >= app.mostAxes;
      for (const [, input] of inputs) input.disabled = full && !input.checked;
    };
  };
  return folded("Columns", fill, { class: "hp-columns" });
}
