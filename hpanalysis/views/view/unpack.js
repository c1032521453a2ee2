// From one compressed block to columns. Nothing here knows of a picture.

export async function unpack(head, bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  if (raw.length !== head.raw) throw new Error(`the data are ${raw.length} bytes and should be ${head.raw}`);
  const { n } = head;
  const columns = head.columns.map((column) => ({ ...column, ...decoded(raw, column, n) }));
  const run = head.run.type ? decoded(raw, head.run, n).value : Array.from({ length: n }, (_, i) => i);
  const configuration = head.configuration ? summed(integers(raw, head.configuration.at, n, Int32Array), n) : null;
  return { ...head, columns, run, configuration, curves: head.curves && curvesOf(raw, head.curves, n) };
}

// Numbers are stored as byte planes: all first bytes, then all second bytes, which compresses better.
function integers(raw, at, count, Type) {
  const size = Type.BYTES_PER_ELEMENT;
  const out = new Uint8Array(count * size);
  for (let plane = 0; plane < size; plane++) {
    const from = at + plane * count;
    for (let i = 0; i < count; i++) out[i * size + plane] = raw[from + i];
  }
  return new Type(out.buffer);
}

function decoded(raw, { type, at, length, values }, n) {
  if (type === "u8") return { code: raw.subarray(at, at + n), none: 255 };
  if (type === "u16") return { code: integers(raw, at, n, Uint16Array), none: 65535 };
  if (type === "index") {
    const index = integers(raw, at, n, Uint16Array);
    return { value: Float64Array.from(index, (k) => (k === 65535 ? NaN : values[k])) };
  }
  if (type === "f32") return { value: Float64Array.from(integers(raw, at, n, Float32Array)) };
  if (type === "u32") return { value: Array.from(integers(raw, at, n, Uint32Array)) };
  return { value: new TextDecoder().decode(raw.subarray(at, at + length)).split("\0") };
}

function summed(differences, n) {
  for (let i = 1; i < n; i++) differences[i] += differences[i - 1];
  return differences;
}

// `level[step * n + run]` is a place on the scale, 65535 where there is nothing; stored as differences along the steps.
function curvesOf(raw, curves, n) {
  const steps = curves.steps.length;
  const level = integers(raw, curves.at, n * steps, Uint16Array);
  for (let k = n; k < n * steps; k++) level[k] += level[k - n];
  return { ...curves, level };
}

export function base64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
