// Parallel coordinates as bundles: between two axes runs are counted by pair of bins, and each pair that occurs is drawn
// once, into a density by pixels. The cost hangs on the bins and not on the runs, and nothing hides anything.

import { STEPS, rgb } from "./draw.js";
import { SLOTS } from "./axes.js";

// `of` has what stays: n, rank (of each run), order (all runs, worst first).
export function bundles({ n, rank, order }) {
  let count = new Uint32Array(0);
  let sums = new Float32Array(0);
  let weight = new Float32Array(0);
  let heat = new Float32Array(0);
  let image = null;
  let pixels = null;
  const slot = new Uint8Array(n);
  const bins = [new Uint16Array(n), new Uint16Array(n)];

  // The place of each drawn run among the drawn, by rank: how it is spread inside a level.
  function spread(failures, among) {
    let drawn = 0;
    for (let i = 0; i < n; i++) if (!failures || failures[i] === 0) drawn++;
    let before = 0;
    for (let s = 0; s < n; s++) {
      const i = order[s];
      if (failures && failures[i] !== 0) continue;
      among[i] = (before++ + 0.5) / drawn;
      slot[i] = (among[i] * SLOTS) | 0;
    }
  }

  function binned(axis, into) {
    if (!axis.levels) return axis.bin;
    const { code, none } = axis;
    const missing = axis.bins - 1;
    for (let i = 0; i < n; i++) into[i] = code[i] === none ? missing : code[i] * SLOTS + slot[i];
    return into;
  }

  function tally(A, B, across, size, failures) {
    if (count.length < size) {
      count = new Uint32Array(size);
      sums = new Float32Array(size);
    } else {
      count.fill(0, 0, size);
      sums.fill(0, 0, size);
    }
    for (let i = 0; i < n; i++) {
      if (failures && failures[i] !== 0) continue;
      const k = A[i] * across + B[i];
      count[k]++;
      sums[k] += rank[i];
    }
  }

  // A line of given weight from column x0 to x1, without gaps where it is steep.
  function stroke(x0, x1, from, to, many, sum, w) {
    const slope = (to - from) / (x1 - x0);
    let y = from;
    let row = y | 0;
    for (let px = x0; px < x1; px++) {
      y += slope;
      const next = y | 0;
      let q = row * w + px;
      const end = next * w + px;
      if (q === end) {
        weight[q] += many;
        heat[q] += sum;
      } else {
        const step = q < end ? w : -w;
        for (; q !== end; q += step) {
          weight[q] += many;
          heat[q] += sum;
        }
      }
      row = next;
    }
  }

  // Draws the runs that no filter rejects (all, if `failures` is null: the background, in one quiet colour).
  function draw(canvas, { axes, x, y, width, height, ratio = 1 }, { failures, colours, among }) {
    const w = Math.max(1, Math.round(width * ratio));
    const h = Math.max(1, Math.round(height * ratio));
    if (weight.length !== w * h) {
      weight = new Float32Array(w * h);
      heat = new Float32Array(w * h);
      image = new ImageData(w, h);
      pixels = new Uint32Array(image.data.buffer);
    } else {
      weight.fill(0);
      heat.fill(0);
      pixels.fill(0);
    }
    const background = !failures;
    const hues = background ? [packed(rgb(colours.soft))] : colours.ramp.map(packed);
    spread(failures, among);
    let B = axes.length ? binned(axes[0], bins[0]) : null;
    for (let j = 0; j + 1 < axes.length; j++) {
      const [a, b] = [axes[j], axes[j + 1]];
      const A = B;
      B = binned(b, bins[(j + 1) % 2]);
      const size = a.bins * b.bins;
      tally(A, B, b.bins, size, failures);
      const [x0, x1] = [Math.round(x(j) * ratio), Math.round(x(j + 1) * ratio)];
      const ya = Float32Array.from(a.centre, (p) => y(a, p) * ratio);
      const yb = Float32Array.from(b.centre, (p) => y(b, p) * ratio);
      let most = 1;
      for (let k = 0; k < size; k++) {
        if (count[k] === 0) continue;
        if (count[k] > most) most = count[k];
        stroke(x0, x1, ya[(k / b.bins) | 0], yb[k % b.bins], count[k], sums[k], w);
      }
      colour({ x0, x1, w, h, most, hues, background });
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // Colour is the mean rank of a pixel's runs, opacity the logarithm of how many they are.
  function colour({ x0, x1, w, h, most, hues, background }) {
    const unit = 1 / Math.log1p(most * 1.5);
    const [least, more] = background ? [10, 40] : [60, 194];
    const opacity = (v) => least + more * Math.min(1, Math.log1p(v) * unit);
    const table = Uint8Array.from({ length: 2048 }, (_, v) => opacity(v));
    for (let row = 0; row < h; row++) {
      for (let q = row * w + x0, end = row * w + x1; q < end; q++) {
        const v = weight[q];
        if (v === 0) continue;
        const hue = background ? 0 : Math.min(STEPS - 1, ((heat[q] / v) * STEPS) | 0);
        pixels[q] = hues[hue] | ((v < 2048 ? table[v | 0] : opacity(v)) << 24);
      }
    }
  }

  return { draw };
}

const packed = ([r, g, b]) => r | (g << 8) | (b << 16);
