"use strict";
// From an image's pixels to the class of each: what `tinyseg predict` does, step by step, with the same numbers.

const SMALLEST_STD = 1.1754943508222875e-38; // the smallest normal float32

// Values from 0 to 1 of (H, W, C): grey is 0.299 R + 0.587 G + 0.114 B, as in ITU-R BT.601.
function light(rgba, channels) {
  const pixels = rgba.length / 4, values = new Float32Array(pixels * channels);
  for (let p = 0; p < pixels; p++) {
    const r = rgba[4 * p], g = rgba[4 * p + 1], b = rgba[4 * p + 2];
    if (channels === 1) values[p] = (r * 299 + g * 587 + b * 114) / 1000 / 255;
    else [r, g, b].forEach((v, c) => { values[3 * p + c] = v / 255; });
  }
  return values;
}

// (x - mean) / standard deviation of the whole image.
function standardized(values) {
  let sum = 0, squares = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  for (const v of values) squares += (v - mean) ** 2;
  const middle = Math.fround(mean), deviation = Math.fround(Math.max(Math.sqrt(squares / values.length), SMALLEST_STD));
  return values.map((v) => Math.fround(v - middle) / deviation);
}

// Position i of an axis that is longer than the image's, mirrored at its ends as often as needed.
function mirrored(i, n) {
  const period = Math.max(2 * (n - 1), 1), rest = i % period;
  return Math.min(rest, period - rest);
}

// Where tiles begin: they cover the axis, overlap, and lie on the grid of the network's poolings.
function starts(length, size, overlap, grid) {
  if (length <= size) return [0];
  const found = [], step = Math.max(Math.floor((size - overlap) / grid), 1) * grid;
  for (let at = 0; at < length - size; at += step) found.push(at);
  return [...found, length - size];
}

const ramp = (size) => Array.from({ length: size }, (_, i) => Math.min(i + 1, size - i));

// The class of each pixel (H, W), of an image of any size.
function segmented(graph, rgba, width, height, settings, progress) {
  const { channels, multipleOf, tile, overlap, fixed } = settings;
  let values = light(rgba, channels);
  if (settings.standardize) values = standardized(values);
  const up = (n) => Math.ceil(n / multipleOf) * multipleOf;
  const most = Math.floor(tile / multipleOf) * multipleOf;
  const size = [height, width].map((n, k) => fixed[k] ?? Math.min(up(n), most));
  const full = [height, width].map((n, k) => Math.max(up(n), size[k]));
  const places = full.map((n, k) => starts(n, size[k], Math.min(overlap, Math.floor(size[k] / 2)), multipleOf));
  const tiles = places[0].flatMap((top) => places[1].map((left) => [top, left]));
  let totals = null, classes = 0;
  const rows = ramp(size[0]), columns = ramp(size[1]), weights = new Float32Array(full[0] * full[1]);
  tiles.forEach(([top, left], done) => {
    const x = zeros([1, ...size, channels]);
    for (let h = 0, at = 0; h < size[0]; h++) {
      const row = mirrored(top + h, height) * width;
      for (let w = 0; w < size[1]; w++) {
        const from = (row + mirrored(left + w, width)) * channels;
        for (let c = 0; c < channels; c++) x.data[at++] = values[from + c];
      }
    }
    const [y] = run(graph, [x], (share) => progress((done + share) / tiles.length));
    classes = y.dims[3];
    totals ??= new Float32Array(full[0] * full[1] * classes);
    for (let h = 0, at = 0; h < size[0]; h++) {
      for (let w = 0; w < size[1]; w++) {
        const to = (top + h) * full[1] + left + w;
        const weight = tiles.length === 1 ? 1 : Math.min(rows[h], columns[w]);
        for (let k = 0; k < classes; k++, at++) totals[to * classes + k] += Math.fround(y.data[at] * weight);
        weights[to] += weight;
      }
    }
  });
  const mask = new Uint8Array(width * height);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const at = h * full[1] + w;
      let best = 0, largest = -Infinity;
      for (let k = 0; k < classes; k++) {
        const share = Math.fround(totals[at * classes + k] / weights[at]);
        if (share > largest) [largest, best] = [share, k];
      }
      mask[h * width + w] = best;
    }
  }
  return mask;
}
