// Filters, one an axis: a set of levels or an interval. A run is selected if no filter rejects it.

export class Selection {
  constructor(axes, n) {
    this.axes = new Map(axes.map((axis) => [axis.key, axis]));
    this.n = n;
    this.filters = new Map();
    // One array a filter, 1 where it rejects a run, and how many reject it: a change of one filter touches its own only.
    this.rejects = new Map();
    this.failures = new Uint16Array(n);
  }

  set(axis, filter) {
    const { failures, n } = this;
    const old = this.rejects.get(axis.key);
    if (!filter) {
      if (old) for (let i = 0; i < n; i++) failures[i] -= old[i];
      this.rejects.delete(axis.key);
      this.filters.delete(axis.key);
      return;
    }
    const rejects = old ?? new Uint8Array(n);
    if (filter.levels) {
      const wrong = new Uint8Array(axis.none + 1).fill(1);
      for (const level of filter.levels) wrong[level] = 0;
      for (let i = 0; i < n; i++) {
        const now = wrong[axis.code[i]];
        failures[i] += now - rejects[i];
        rejects[i] = now;
      }
    } else {
      // A column may have been rounded to single precision on its way here: so are the bounds, then.
      const round = axis.type === "f32" ? Math.fround : (x) => x;
      const low = round(filter.low);
      const high = round(filter.high);
      const { value } = axis;
      for (let i = 0; i < n; i++) {
        const now = value[i] >= low && value[i] <= high ? 0 : 1;
        failures[i] += now - rejects[i];
        rejects[i] = now;
      }
    }
    this.rejects.set(axis.key, rejects);
    this.filters.set(axis.key, filter);
  }

  // The same filter on values that have changed: the ranks, when another metric is chosen.
  renew(axis) {
    const filter = this.filters.get(axis.key);
    this.axes.set(axis.key, axis);
    if (filter) this.set(axis, filter);
  }

  clear() {
    for (const key of [...this.filters.keys()]) this.set(this.axes.get(key), null);
  }

  count() {
    let passing = 0;
    for (let i = 0; i < this.n; i++) if (this.failures[i] === 0) passing++;
    return passing;
  }

  rows() {
    const out = [];
    for (let i = 0; i < this.n; i++) if (this.failures[i] === 0) out.push(i);
    return out;
  }

  // Names and levels are percent-encoded one by one, so that a comma or a colon in them separates nothing.
  text() {
    const part = ([key, filter]) => {
      const { levels } = this.axes.get(key);
      const name = encodeURIComponent(key);
      if (!filter.levels) return `${name}:${filter.low}..${filter.high}`;
      return `${name}:${sorted(filter.levels).map((k) => encodeURIComponent(levels[k])).join(",")}`;
    };
    return [...this.filters].map(part).join(";");
  }

  // A column or level that is not there is passed over: the text may come from an older table.
  read(text) {
    this.clear();
    for (const part of (text || "").split(";")) {
      const colon = part.indexOf(":");
      const axis = colon > 0 && this.axes.get(decode(part.slice(0, colon)));
      if (!axis) continue;
      const body = part.slice(colon + 1);
      if (axis.levels) {
        const levels = body.split(",").map((level) => axis.levels.indexOf(decode(level)));
        const known = levels.filter((k) => k >= 0);
        if (known.length) this.set(axis, { levels: new Set(known) });
      } else {
        const ends = body.split("..");
        const [low, high] = ends.map(Number);
        if (ends.length === 2 && ends.every((end) => end.trim()) && low <= high) this.set(axis, { low, high });
      }
    }
  }
}

export const sorted = (levels) => [...levels].sort((a, b) => a - b);

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

// The same selection as code for pandas, where `runs` is the table of the sweep. Every name and value is a literal
// that Python wrote itself, or a number.
export function pandas(selection, data, metric) {
  const number = (x) => String(x);
  const by = data.datasets_python;
  const up = metric.goal !== "min";
  const result = metric.python;
  const masks = [...selection.filters].map(([key, filter]) => {
    const axis = selection.axes.get(key);
    if (filter.levels) {
      const levels = sorted(filter.levels);
      if (axis.tests) return `(${levels.map((k) => axis.tests[k]).join(" | ")})`;
      return `${axis.python}.isin([${levels.map((k) => axis.literals[k]).join(", ")}])`;
    }
    const between = `.between(${number(filter.low)}, ${number(filter.high)})`;
    if (axis.role !== "score") return axis.python + between;
    const grouped = by ? `${result}.groupby(${by}, dropna=False)` : result;
    if (key === "rank") {
      return `${grouped}.rank(pct=True, na_option="top", ascending=${up ? "True" : "False"})${between}`;
    }
    const [worst, best] = up ? ["min", "max"] : ["max", "min"];
    const end = (which) => (by ? `${grouped}.transform("${which}")` : `${result}.${which}()`);
    return `((${result} - ${end(worst)}) / (${end(best)} - ${end(worst)}))${between}`;
  });
  return masks.length ? `runs[${masks.join(" & ")}]` : "runs";
}

// A bound that a person can read and that no value lies on or near: the same runs here and in pandas, although a column
// may be rounded here. `side` is -1 at the lower end and 1 at the upper one.
function readableBound(axis, value, side) {
  let bound = +value.toPrecision(3);
  for (let digits = 4; digits < 9; digits++) {
    const width = Math.abs(bound) * 3e-7;
    const near = (v) => Math.abs(v - bound) < width && (v !== bound || axis.type === "f32");
    if (!axis.value.some(near)) return bound;
    bound = +(value * (1 + side * 1e-6)).toPrecision(digits);
  }
  return bound;
}

// An interval with ends that can be read and typed; the ends of the axis stay what they are.
export function readable(axis, { low, high }) {
  return {
    low: low <= axis.low ? axis.low : readableBound(axis, low, -1),
    high: high >= axis.high ? axis.high : readableBound(axis, high, 1),
  };
}
