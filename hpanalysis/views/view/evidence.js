// Who is good, of whom, and what the good have in common. Only counting: no picture and no element.

import { lift, sureShare } from "./numbers.js";
import { groupsOf } from "./axes.js";

const Z = 1.959964;
const FEWEST = 20;
const MOST_PAIRED = 20;

// Filters on results say what good is; the other filters say in which population. Without one on results the best tenth
// of each data set is good.
export function question(app) {
  const { selection, data, model } = app;
  const { n } = data;
  const { failures } = selection;
  const scores = [...selection.filters.keys()].filter((key) => app.isScore(key));
  const own = scores.map((key) => selection.rejects.get(key));
  const population = new Uint8Array(n);
  const good = new Uint8Array(n);
  const configurations = new Map();
  let N = 0;
  let G = 0;
  for (let i = 0; i < n; i++) {
    let others = failures[i];
    for (const rejects of own) others -= rejects[i];
    if (others !== 0) continue;
    population[i] = 1;
    N++;
    if (scores.length ? failures[i] !== 0 : model.rank[i] <= 0.9) continue;
    good[i] = 1;
    G++;
    const key = data.configuration ? data.configuration[i] : i;
    configurations.set(key, (configurations.get(key) ?? 0) + 1);
  }
  // Runs of one configuration are not independent: Kish's design effect.
  let squares = 0;
  for (const c of configurations.values()) squares += c * c;
  return { population, good, N, G, scores, design: G ? squares / G : 1 };
}

// A hyperparameter of which the population has one level only tells nothing of who is good.
function varied(app, { population }) {
  return app.hyperparameters.filter((axis) => {
    const { code, none } = groupsOf(axis);
    let first = -1;
    for (let i = 0; i < code.length; i++) {
      if (!population[i] || code[i] === none) continue;
      if (first < 0) first = code[i];
      else if (code[i] !== first) return true;
    }
    return false;
  });
}

// For each hyperparameter its levels with their lifts, and `told`: how far its levels tell good runs from all, in nats.
export function lifts(app, q) {
  return varied(app, q).map((axis) => {
    const { labels, code, none } = groupsOf(axis);
    const all = new Uint32Array(labels.length);
    const good = new Uint32Array(labels.length);
    for (let i = 0; i < code.length; i++) {
      if (!q.population[i] || code[i] === none) continue;
      all[code[i]]++;
      good[code[i]] += q.good[i];
    }
    // Of the runs in which it is active.
    const N = all.reduce((s, v) => s + v, 0);
    const G = good.reduce((s, v) => s + v, 0);
    let told = 0;
    const rows = labels.map((label, level) => {
      const [k, K] = [good[level], all[level]];
      const [ratio, low, high] = lift(k, K, G, N, Z, q.design);
      if (k) told += (k / G) * Math.log(ratio);
      return { level, label, k, K, ratio, low, high };
    });
    return { axis, rows, told };
  });
}

// Pairs of levels by the lower end of their share of good runs; the intervals hold for all pairs tried together.
export function pairs(app, q, told, most = 8) {
  const axes = told.map((t) => t.axis);
  const looked = axes.slice(0, MOST_PAIRED);
  const groups = new Map(axes.map((axis) => [axis, groupsOf(axis)]));
  const runs = [];
  for (let i = 0; i < q.population.length; i++) if (q.population[i]) runs.push(i);
  const found = [];
  let tried = 0;
  for (let u = 0; u < axes.length; u++) {
    for (let v = u + 1; v < axes.length; v++) {
      const [A, B] = [groups.get(axes[u]), groups.get(axes[v])];
      const across = B.labels.length;
      // Where there are too many to look at all, those left out count as tried too: the choice was made on these runs.
      if (v >= looked.length) {
        tried += A.labels.length * across;
        continue;
      }
      const all = new Uint32Array(A.labels.length * across);
      const good = new Uint32Array(all.length);
      for (const i of runs) {
        const [a, b] = [A.code[i], B.code[i]];
        if (a === A.none || b === B.none) continue;
        all[a * across + b]++;
        good[a * across + b] += q.good[i];
      }
      for (let c = 0; c < all.length; c++) {
        if (all[c] < FEWEST) continue;
        tried++;
        const levels = [(c / across) | 0, c % across];
        found.push({ axes: [axes[u], axes[v]], levels, labels: [A.labels[levels[0]], B.labels[levels[1]]], k: good[c], K: all[c] });
      }
    }
  }
  for (const pair of found) {
    pair.share = pair.k / pair.K;
    [pair.low, pair.high] = sureShare(pair.k / q.design, pair.K / q.design, 0.025 / tried);
  }
  found.sort((p, r) => r.low - p.low);
  return { best: found.slice(0, most).filter((p) => p.k), tried, looked: looked.length, of: axes.length, base: q.G / q.N };
}

// Quantiles of positions in 0..1, by level and data set, by counting into `steps` bins.
export function spreads({ group, groups, population, position }, steps = 1000) {
  const bins = new Uint32Array(groups * steps);
  const size = new Uint32Array(groups);
  const lost = new Uint32Array(groups);
  for (let i = 0; i < position.length; i++) {
    const g = group(i);
    if (g < 0 || !population[i]) continue;
    if (Number.isNaN(position[i])) {
      lost[g]++;
      continue;
    }
    bins[g * steps + Math.min(steps - 1, Math.max(0, (position[i] * steps) | 0))]++;
    size[g]++;
  }
  const quantile = (g, p) => {
    let seen = 0;
    for (let b = 0; b < steps; b++) if ((seen += bins[g * steps + b]) >= p * size[g]) return (b + 0.5) / steps;
    return NaN;
  };
  const shown = [0.05, 0.25, 0.5, 0.75, 0.95];
  return Array.from({ length: groups }, (_, g) => ({
    n: size[g],
    lost: lost[g],
    at: size[g] ? shown.map((p) => quantile(g, p)) : null,
  }));
}

// The median curve of each group: an array a group, a value a step, NaN under 5 runs.
export function medianCurves(curves, { group, groups, population }) {
  const { level, scale, steps } = curves;
  const n = population.length;
  const size = scale.length;
  const out = Array.from({ length: groups }, () => new Float32Array(steps.length).fill(NaN));
  const bins = new Uint32Array(groups * size);
  const many = new Uint32Array(groups);
  for (let e = 0; e < steps.length; e++) {
    bins.fill(0);
    many.fill(0);
    for (let i = 0; i < n; i++) {
      const g = group(i);
      const v = level[e * n + i];
      if (g < 0 || !population[i] || v === 65535) continue;
      bins[g * size + v]++;
      many[g]++;
    }
    for (let g = 0; g < groups; g++) {
      if (many[g] < 5) continue;
      let b = 0;
      for (let seen = bins[g * size]; seen < many[g] / 2; seen += bins[g * size + b]) b++;
      out[g][e] = scale[b];
    }
  }
  return out;
}

// How a hyperparameter acts on easy and on hard data sets: the mean rank of each of its levels, in the order of the
// data sets' median results. Ranks average to one half in each data set, so that they can be compared.
export function byDifficulty(app, axis, { population }) {
  const { datasets, model, data } = app;
  if (!datasets) return null;
  const { labels, code, none } = groupsOf(axis);
  const sets = datasets.levels.length;
  const sum = new Float64Array(sets * labels.length);
  const many = new Uint32Array(sets * labels.length);
  const result = app.metric.value;
  const values = Array.from({ length: sets }, () => []);
  for (let i = 0; i < data.n; i++) {
    const g = datasets.code[i];
    if (!Number.isNaN(result[i])) values[g].push(result[i]);
    if (!population[i] || code[i] === none) continue;
    sum[g * labels.length + code[i]] += model.rank[i];
    many[g * labels.length + code[i]]++;
  }
  const median = values.map((v) => (v.length ? v.sort((a, b) => a - b)[v.length >> 1] : NaN));
  const shown = [...median.keys()].filter((g) => !Number.isNaN(median[g]));
  shown.sort((a, b) => median[a] - median[b] || a - b);
  const mean = (g, level) => {
    const k = g * labels.length + level;
    return many[k] >= 5 ? sum[k] / many[k] : NaN;
  };
  return { labels, sets: shown.map((g) => ({ name: datasets.levels[g], median: median[g], ranks: labels.map((_, l) => mean(g, l)) })) };
}
