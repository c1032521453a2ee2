// Parallel coordinates as bundles: between two axes runs are counted by pair of bins, and each pair that occurs is drawn
// once, into a density by pixels. The cost hangs on the bins and not on the runs, and nothing hides anything.

import { STEPS, rgb } from "./draw.js";
import { SLOTS } from "./axes.js";

// `of` has what stays: n, rank (of each run), order (all runs, worst first).
export function bundles({ n, rank, order }) {
  let count = new Uint32Array(0);
  let sums = new Float32Array(0);
  // Of one gap between two axes, so that it stays near the processor: how many, and the sum of their ranks.
  let density = new Float32Array(0);
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

  // A line of given weight over the whole width of a gap, without holes where it is steep.
  function stroke(wide, from, to, many, sum) {
    const slope = (to - from) / wide;
    const line = 2 * wide;
    let y = from;
    let row = y | 0;
    for (let px = 0; px < wide; px++) {
      y += slope;
      const next = y | 0;
      let q = row * line + 2 * px;
      const end = next * line + 2 * px;
      if (q === end) {
        density[q] += many;
        density[q + 1] += sum;
      } else {
        const step = q < end ? line : -line;
        for (; q !== end; q += step) {
          density[q] += many;
          density[q + 1] += sum;
        }
      }
      row = next;
    }
  }

  // Draws the runs that no filter rejects (all, if `failures` is null: the background, in one quiet colour).
  function draw(canvas, { axes, x, y, width, height, ratio = 1 }, { failures, colours, among }) {
    const w = Math.max(1, Math.round(width * ratio));
    const h = Math.max(1, Math.round(height * ratio));
    if (!image || image.width !== w || image.height !== h) {
      image = new ImageData(w, h);
      pixels = new Uint32Array(image.data.buffer);
    } else pixels.fill(0);
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
      const [x0, x1] = [x(j), x(j + 1)].map((at) => Math.round(at * ratio));
      const wide = x1 - x0;
      if (density.length < 2 * wide * h) density = new Float32Array(2 * wide * h);
      const ya = Float32Array.from(a.centre, (p) => y(a, p) * ratio);
      const yb = Float32Array.from(b.centre, (p) => y(b, p) * ratio);
      let most = 1;
      for (let k = 0; k < size; k++) {
        if (count[k] === 0) continue;
        if (count[k] > most) most = count[k];
        stroke(wide, ya[(k / b.bins) | 0], yb[k % b.bins], count[k], sums[k]);
      }
      colour({ x0, wide, w, h, most, hues, background });
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // Colour is the mean rank of a pixel's runs, opacity the logarithm of how many they are. What was read is wiped.
  function colour({ x0, wide, w, h, most, hues, background }) {
    const full = Math.log1p(most * 1.5);
    const [least, more] = background ? [10, 40] : [60, 194];
    const opacity = (many) => least + more * Math.min(1, Math.log1p(many) / full);
    const table = Uint8Array.from({ length: Math.min(2048, most * 2) }, (_, many) => opacity(many));
    for (let row = 0; row < h; row++) {
      const to = row * w + x0;
      for (let px = 0, q = 2 * row * wide; px < wide; px++, q += 2) {
        const many = density[q];
        if (many === 0) continue;
        const hue = background ? 0 : Math.min(STEPS - 1, ((density[q + 1] / many) * STEPS) | 0);
        pixels[to + px] = hues[hue] | ((many < table.length ? table[many] : opacity(many)) << 24);
        density[q] = 0;
        density[q + 1] = 0;
      }
    }
  }

  return { draw };
}

const packed = ([r, g, b]) => r | (g << 8) | (b << 16);
