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

// How many times more frequent a level is among the good than among all: (k/G) / (K/N). Limits: Wilson's of k/G.
// `design` >= 1 makes them wider where runs share a configuration.
// tests/views/test_calibration.py counts how often they hold.
export function lift(k, K, G, N, z, design = 1) {
  if (!K || !G) return [NaN, NaN, NaN];
  const [low, high] = wilson(k / design, G / design, z);
  return [k, low * G, high * G].map((share) => share / G / (K / N));
}

// Limits of a share k/n that err with less than `error` at either end, however small (Chernoff's bound): where many
// intervals must hold together, Wilson's are too short.
export function sureShare(k, n, error) {
  const p = k / n;
  const far = (q) => n * ((p ? p * Math.log(p / q) : 0) + (p < 1 ? (1 - p) * Math.log((1 - p) / (1 - q)) : 0));
  const limit = (from, to) => {
    for (let step = 0; step < 40; step++) {
      const middle = (from + to) / 2;
      if (far(middle) > -Math.log(error)) to = middle;
      else from = middle;
    }
    return from;
  };
  return [p > 0 ? limit(p, 0) : 0, p < 1 ? limit(p, 1) : 1];
}
