// How numbers are written, where ticks stand, and the two intervals of the page.

export function format(x) {
  if (!Number.isFinite(x)) return "–";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    return x.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
  }
  return String(+x.toPrecision(3));
}

export const count = (x) => x.toLocaleString("en");
export const percent = (x) => (Number.isFinite(x) ? (100 * x).toFixed(x < 0.0995 ? 1 : 0) + " %" : "–");
export const plural = (x, word) => `${count(x)} ${word}${x === 1 ? "" : "s"}`;

export function ticks(low, high, log, wanted = 5) {
  if (log) {
    const decades = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) decades.push(10 ** e);
    const inside = decades.filter((t) => t >= low * 0.999 && t <= high * 1.001);
    if (inside.length > 1) return inside;
  }
  const step = [1, 2, 5, 10].map((m) => m * 10 ** Math.floor(Math.log10((high - low) / wanted)));
  const own = step.find((s) => s >= ((high - low) / wanted) * (1 - 1e-9)) ?? step[3];
  const out = [];
  for (let k = Math.ceil(low / own - 1e-9); k * own <= high + own * 1e-9; k++) out.push(+(k * own).toPrecision(12));
  return out;
}

// A share k/n: Wilson's interval.
export function wilson(k, n, z) {
  if (!n) return [0, 1];
  const p = k / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [k > 0 ? Math.max(0, centre - half) : 0, k < n ? Math.min(1, centre + half) : 1];
}

// How many times more frequent a level is among the good than among all: (k/G) / (K/N), a part compared with its whole.
// Limits: Wilson's of k/G, narrower by as much as the good are themselves a part of the whole. `design` >= 1 makes them
// wider where runs share a configuration. tests/views/test_calibration.py counts how often they hold.
export function lift(k, K, G, N, z, design = 1) {
  if (!K || !G) return [NaN, NaN, NaN];
  const whole = K / N;
  const own = 1 / Math.max(k, 0.5) - 1 / G;
  const shared = own > 0 ? Math.min(1, Math.max(0, (own - 1 / K + 1 / N) / own)) : 1;
  const [low, high] = wilson(k / design, G / design, z * Math.sqrt(shared));
  return [k / G / whole, low / whole, high / whole];
}

// The quantile of the normal distribution for p <= 1/2, by Halley's steps.
export function normalQuantile(p) {
  let x = Math.sqrt(-2 * Math.log(Math.min(p, 0.5)));
  for (let step = 0; step < 60; step++) {
    const error = upperTail(x) - p;
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    const move = error / density / (1 - (x * error) / (2 * density));
    x += move;
    if (Math.abs(move) < 1e-12) break;
  }
  return -x;
}

// 1 - Phi(x), x >= 0: a series near the middle, a continued fraction in the tail.
function upperTail(x) {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 2.5) {
    let fraction = x;
    for (let k = 60; k > 0; k--) fraction = x + k / fraction;
    return density / fraction;
  }
  let term = x;
  let sum = x;
  for (let k = 1; k < 60; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 - density * sum;
}
