// An axis: where each run lies on it (`position`, 0..1 or NaN), in which bin it is drawn, and what a place means.

export const SLOTS = 12;
const BINS = 56;
// Where runs without a value lie: below the axis.
export const MISSING = -0.075;
const FEW_VALUES = 8;
const GROUPS = 5;

// The axes of the columns that vary. Those that are the same in all runs are named, and no axes.
export function buildAxes(data) {
  const axes = [];
  const constant = [];
  for (const column of data.columns) {
    const axis = column.levels ? discrete(column) : continuous(column, column.value);
    const varies = column.levels ? new Set(column.code).size > 1 : axis.varies;
    if (varies || column.role === "metric") axes.push(axis);
    else constant.push(column);
  }
  for (const axis of axes) axis.turned = false;
  return { axes, constant };
}

// What the results of a data set are compared by: `place` between its worst and best result, `rank` among its runs.
// A run without a result has no place, and the lowest rank.
export function scores(axis, datasets, n) {
  const up = axis.goal === "min" ? -1 : 1;
  const groups = datasets ? datasets.levels.length : 1;
  const rank = new Float64Array(n);
  const place = new Float64Array(n).fill(NaN);
  const score = Float64Array.from(axis.value, (v) => (Number.isNaN(v) ? -Infinity : up * v));
  for (let g = 0; g < groups; g++) {
    const own = [];
    for (let i = 0; i < n; i++) if (!datasets || datasets.code[i] === g) own.push(i);
    own.sort((a, b) => score[a] - score[b]);
    for (let start = 0, end; start < own.length; start = end + 1) {
      end = start;
      while (end + 1 < own.length && score[own[end + 1]] === score[own[start]]) end++;
      for (let k = start; k <= end; k++) rank[own[k]] = (start + end + 2) / 2 / own.length;
    }
    const finite = own.filter((i) => score[i] > -Infinity);
    if (!finite.length) continue;
    const worst = score[finite[0]];
    const best = score[finite[finite.length - 1]];
    for (const i of finite) if (best > worst) place[i] = (score[i] - worst) / (best - worst);
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((p, q) => rank[p] - rank[q] || p - q);
  const inSet = datasets ? " in data set" : "";
  const about = {
    place: `0 is the worst and 1 the best result${datasets ? " of its data set" : ""}`,
    rank: `share of the runs${datasets ? " of its data set" : ""} that it is at least as good as; without a result: lowest`,
  };
  const own = { role: "score", low: 0, high: 1, turned: false };
  return {
    rank,
    order,
    place: continuous({ ...own, key: "place", name: `place${inSet}`, about: about.place }, place),
    percentile: continuous({ ...own, key: "rank", name: `rank${inSet}`, about: about.rank }, rank),
  };
}

// Inside a level runs are spread by `among` in 0..1, their place among the runs that are drawn.
export const inside = (axis, level, among) => (level + 0.12 + 0.76 * among) / axis.levels.length;

function discrete(column) {
  const count = column.levels.length;
  const axis = { ...column, bins: count * SLOTS + 1, centre: new Float32Array(count * SLOTS + 1).fill(MISSING) };
  for (let level = 0; level < count; level++) {
    for (let s = 0; s < SLOTS; s++) axis.centre[level * SLOTS + s] = inside(axis, level, (s + 0.5) / SLOTS);
  }
  axis.missing = column.code.includes(column.none);
  return axis;
}

function continuous(column, value) {
  const n = value.length;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < n; i++) {
    if (value[i] < low) low = value[i];
    if (value[i] > high) high = value[i];
  }
  const varies = high > low;
  low = Math.min(low, column.low ?? low);
  high = Math.max(high, column.high ?? high);
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  const log = column.log && low > 0;
  const to = log ? Math.log : (x) => x;
  const back = log ? Math.exp : (x) => x;
  const from = to(low);
  const width = to(high) - from;
  const position = new Float32Array(n).fill(NaN);
  const bin = new Uint16Array(n).fill(BINS);
  const centre = Float32Array.from({ length: BINS + 1 }, (_, b) => (b < BINS ? (b + 0.5) / BINS : MISSING));
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(value[i])) continue;
    position[i] = (to(value[i]) - from) / width;
    bin[i] = Math.max(0, Math.min(BINS - 1, Math.floor(position[i] * BINS)));
  }
  const at = (v) => (to(v) - from) / width;
  const of = (p) => (p <= 0 ? low : p >= 1 ? high : back(from + p * width));
  const missing = value.some(Number.isNaN);
  return { ...column, log, value, low, high, varies, missing, position, bin, centre, bins: BINS + 1, at, of };
}

// The levels that tables and curves compare: its own, single values where there are few, or fifths of all runs.
// The fifths are fixed: were they of the selection, brushing would move them.
export function groupsOf(axis) {
  if (axis.levels) return { labels: axis.levels, code: axis.code, none: axis.none };
  if (axis.groups) return axis.groups;
  const sorted = Float64Array.from(axis.value).filter(Number.isFinite).sort();
  const distinct = [...new Set(sorted.slice(0, 1e5))].slice(0, FEW_VALUES + 1);
  const few = new Set(sorted).size <= FEW_VALUES;
  let edges = few ? distinct : [];
  for (let k = 0; !few && k <= GROUPS; k++) edges.push(sorted[Math.round((k / GROUPS) * (sorted.length - 1))]);
  if (!few) edges = [...new Set(edges)];
  const groups = few ? edges.length : Math.max(1, edges.length - 1);
  const code = Uint8Array.from(axis.value, (v) => {
    if (Number.isNaN(v)) return 255;
    if (few) return edges.indexOf(v);
    let k = 0;
    while (k < groups - 1 && v >= edges[k + 1]) k++;
    return k;
  });
  const short = (x) => format2(x);
  const labels = Array.from({ length: groups }, (_, k) =>
    few ? short(edges[k]) : `${short(edges[k])} to ${short(edges[k + 1] ?? edges[k])}`,
  );
  const range = (k) => (few ? [edges[k], edges[k]] : [edges[k], edges[k + 1] ?? edges[k]]);
  return (axis.groups = { labels, code, none: 255, range });
}

function format2(x) {
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e5)) return x.toExponential(1).replace("e+", "e").replace(".0e", "e");
  return String(+x.toPrecision(size >= 100 ? 3 : 2));
}
