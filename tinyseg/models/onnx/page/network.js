"use strict";
// The nodes of a network, computed one after the other: what ONNX defines, in float32, without any library.
// A tensor is {dims, data}: data is a Float32Array, a Float64Array, or an Int32Array for whole numbers, true and false.

function tensor(dims, data) {
  return { dims, data };
}

function count(dims) {
  return dims.reduce((a, b) => a * b, 1);
}

function zeros(dims) {
  return tensor(dims, new Float32Array(count(dims)));
}

function like(x, length) {
  return new x.constructor(length);
}

function stridesOf(dims) {
  const strides = new Array(dims.length);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= dims[axis];
  }
  return strides;
}

// For each number of a result, in order, where the one that it comes from lies: `start` plus its place times `steps`.
function eachPlace(dims, steps, start, visit) {
  const total = count(dims);
  const rank = dims.length;
  const place = new Array(rank).fill(0);
  let from = start;
  for (let to = 0; to < total; to++) {
    visit(to, from);
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++place[axis] < dims[axis]) break;
      from -= steps[axis] * dims[axis];
      place[axis] = 0;
    }
  }
}

function gathered(x, dims, steps, start) {
  const data = like(x.data, count(dims));
  eachPlace(dims, steps, start, (to, from) => { data[to] = x.data[from]; });
  return tensor(dims, data);
}

// Number by number ---------------------------------------------------------------------------------------------------

function erf(x) {
  // Abramowitz and Stegun 7.1.5 (a series) within 2.5, and a continued fraction beyond: both to a few 1e-16.
  const a = Math.abs(x);
  if (a < 2.5) {
    let term = x, sum = x;
    for (let n = 1; n < 60; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
  if (a > 6) return Math.sign(x);
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

const sigmoid = (v) => 1 / (1 + Math.exp(-v));
const hardSigmoid = (v, alpha, beta) => Math.max(0, Math.min(1, alpha * v + beta));

const UNARY = {
  Relu: () => (v) => (v > 0 || v !== v ? v : 0),
  LeakyRelu: (a) => (v) => (v < 0 ? a.alpha * v : v),
  Elu: (a) => (v) => (v < 0 ? a.alpha * Math.expm1(v) : v),
  Selu: (a) => (v) => a.gamma * (v < 0 ? a.alpha * Math.expm1(v) : v),
  Sigmoid: () => sigmoid,
  Tanh: () => Math.tanh,
  Softplus: () => (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
  Softsign: () => (v) => v / (1 + Math.abs(v)),
  HardSigmoid: (a) => (v) => hardSigmoid(v, a.alpha, a.beta),
  HardSwish: () => (v) => v * hardSigmoid(v, 1 / 6, 0.5),
  Exp: () => Math.exp,
  Log: () => Math.log,
  Sqrt: () => Math.sqrt,
  Neg: () => (v) => -v,
  Abs: () => Math.abs,
  Sin: () => Math.sin,
  Erf: () => erf,
  Floor: () => Math.floor,
  Ceil: () => Math.ceil,
  Reciprocal: () => (v) => 1 / v,
};

const BINARY = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: (a, b) => (a > b || a !== a ? a : b),
  Min: (a, b) => (a < b || a !== a ? a : b),
  Pow: (a, b) => Math.pow(a, b),
  PRelu: (a, b) => (a < 0 ? a * b : a),
  Mod: (a, b) => ((a % b) + b) % b,
  Greater: (a, b) => +(a > b),
  GreaterOrEqual: (a, b) => +(a >= b),
  Less: (a, b) => +(a < b),
  LessOrEqual: (a, b) => +(a <= b),
};
const COMPARISONS = new Set(["Greater", "GreaterOrEqual", "Less", "LessOrEqual"]);

function mapped(x, f) {
  const data = like(x.data, x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = f(x.data[i]);
  return tensor(x.dims, data);
}

function broadcastDims(shapes) {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((dims) => dims[axis - rank + dims.length] ?? 1);
    const longest = lengths.find((n) => n !== 1) ?? 1;
    if (lengths.some((n) => n !== 1 && n !== longest)) throw new Error(`shapes ${JSON.stringify(shapes)}`);
    return longest;
  });
}

function broadcastSteps(x, dims) {
  const own = stridesOf(x.dims);
  const lead = dims.length - x.dims.length;
  return dims.map((_, axis) => (axis < lead || x.dims[axis - lead] === 1 ? 0 : own[axis - lead]));
}

function spread(x, dims) {
  const same = x.dims.length === dims.length && x.dims.every((n, axis) => n === dims[axis]);
  return same ? x : gathered(x, dims, broadcastSteps(x, dims), 0);
}

function paired(name, a, b) {
  const f = BINARY[name];
  const whole = a.data instanceof Int32Array;
  const g = name === "Div" && whole ? (p, q) => Math.trunc(p / q) : f;
  const dims = broadcastDims([a.dims, b.dims]);
  const data = COMPARISONS.has(name) ? new Int32Array(count(dims)) : like(a.data, count(dims));
  if (b.data.length === 1) {
    const one = b.data[0], x = spread(a, dims).data;
    for (let i = 0; i < data.length; i++) data[i] = g(x[i], one);
  } else {
    const x = spread(a, dims).data, y = spread(b, dims).data;
    for (let i = 0; i < data.length; i++) data[i] = g(x[i], y[i]);
  }
  return tensor(dims, data);
}

// Windows ------------------------------------------------------------------------------------------------------------

// Sizes, and what is padded before: of (N, C, H, W), for a kernel of this shape.
function windows(x, attributes) {
  const kernel = attributes.kernel_shape;
  const strides = attributes.strides ?? [1, 1];
  const dilations = attributes.dilations ?? [1, 1];
  const pads = attributes.pads ?? [0, 0, 0, 0];
  const found = { kernel, strides, dilations, before: [0, 0], out: [0, 0] };
  for (const k of [0, 1]) {
    const n = x.dims[2 + k], span = (kernel[k] - 1) * dilations[k] + 1;
    if (attributes.auto_pad === "SAME_UPPER") {
      found.out[k] = Math.ceil(n / strides[k]);
      found.before[k] = Math.floor(Math.max((found.out[k] - 1) * strides[k] + span - n, 0) / 2);
    } else {
      found.before[k] = pads[k];
      found.out[k] = Math.floor((n + pads[k] + pads[k + 2] - span) / strides[k]) + 1;
    }
  }
  return found;
}

// The outputs o of an axis whose tap at `offset` lies inside the image: first and end.
function inside(n, out, stride, offset) {
  const first = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(out, Math.floor((n - 1 - offset) / stride) + 1);
  return [first, Math.max(first, end)];
}

// y[f] += weight * x shifted, for all pixels that a tap meets; four filters at once read x once.
function convolve(x, kernel, bias, attributes) {
  const [images, channels, height, width] = x.dims;
  const [filters, each] = kernel.dims;
  const groups = attributes.group ?? 1;
  const w = windows(x, { ...attributes, kernel_shape: kernel.dims.slice(2) });
  const [oh, ow] = w.out, [kh, kw] = w.kernel, [sh, sw] = w.strides;
  const y = zeros([images, filters, oh, ow]);
  const area = oh * ow, taps = kh * kw, perGroup = filters / groups;
  if (bias) for (let p = 0; p < images * filters; p++) y.data.fill(bias.data[p % filters], p * area, (p + 1) * area);
  const X = x.data, Y = y.data, K = kernel.data;
  for (let n = 0; n < images; n++) {
    for (let f = 0; f < filters; f += 4) {
      const group = Math.floor(f / perGroup);
      const together = Math.min(4, (group + 1) * perGroup - f);
      for (let c = 0; c < each; c++) {
        const plane = ((n * channels) + group * each + c) * height * width;
        for (let i = 0; i < kh; i++) {
          const top = i * w.dilations[0] - w.before[0];
          const [first, end] = inside(height, oh, sh, top);
          for (let j = 0; j < kw; j++) {
            const left = j * w.dilations[1] - w.before[1];
            const [from, to] = inside(width, ow, sw, left);
            const at = (f * each + c) * taps + i * kw + j, step = each * taps;
            for (let h = first; h < end; h++) {
              const row = plane + (h * sh + top) * width + left;
              const out = (n * filters + f) * area + h * ow;
              if (together === 4) fourRows(X, Y, K, row, out, area, at, step, from, to, sw);
              else for (let q = 0; q < together; q++) oneRow(X, Y, K[at + q * step], row, out + q * area, from, to, sw);
            }
          }
        }
      }
      if (together < 4) f -= 4 - together;
    }
  }
  return y;
}

function fourRows(X, Y, K, row, out, area, at, step, from, to, stride) {
  const a = K[at], b = K[at + step], c = K[at + 2 * step], d = K[at + 3 * step];
  let p = out + from, q = out + area + from, r = out + 2 * area + from, s = out + 3 * area + from;
  for (let o = from, i = row + from * stride; o < to; o++, i += stride) {
    const v = X[i];
    Y[p++] += a * v;
    Y[q++] += b * v;
    Y[r++] += c * v;
    Y[s++] += d * v;
  }
}

function oneRow(X, Y, weight, row, out, from, to, stride) {
  for (let o = from, i = row + from * stride; o < to; o++, i += stride) Y[out + o] += weight * X[i];
}

// Each pixel stamps the kernel (C, F, KH, KW), times its value, onto the output.
function stamp(x, kernel, bias, attributes) {
  const [images, channels, height, width] = x.dims;
  const [, filters, kh, kw] = kernel.dims;
  const [sh, sw] = attributes.strides ?? [1, 1], [dh, dw] = attributes.dilations ?? [1, 1];
  const pads = attributes.pads ?? [0, 0, 0, 0], more = attributes.output_padding ?? [0, 0];
  const oh = (height - 1) * sh + (kh - 1) * dh + 1 + more[0] - pads[0] - pads[2];
  const ow = (width - 1) * sw + (kw - 1) * dw + 1 + more[1] - pads[1] - pads[3];
  const y = zeros([images, filters, oh, ow]);
  const area = oh * ow, X = x.data, Y = y.data, K = kernel.data;
  if (bias) for (let p = 0; p < images * filters; p++) Y.fill(bias.data[p % filters], p * area, (p + 1) * area);
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      for (let f = 0; f < filters; f++) {
        for (let i = 0; i < kh; i++) {
          for (let j = 0; j < kw; j++) {
            const weight = K[((c * filters + f) * kh + i) * kw + j];
            const left = j * dw - pads[1];
            const from = Math.max(0, Math.ceil(-left / sw)), to = Math.min(width, Math.floor((ow - 1 - left) / sw) + 1);
            for (let h = 0; h < height; h++) {
              const row = h * sh + i * dh - pads[0];
              if (row < 0 || row >= oh) continue;
              const out = (n * filters + f) * area + row * ow + left, given = ((n * channels + c) * height + h) * width;
              for (let p = from; p < to; p++) Y[out + p * sw] += weight * X[given + p];
            }
          }
        }
      }
    }
  }
  return y;
}

function pooled(x, attributes, average) {
  const [images, channels, height, width] = x.dims;
  const w = windows(x, attributes);
  const [oh, ow] = w.out, y = zeros([images, channels, oh, ow]), X = x.data;
  const places = average ? null : new Float64Array(y.data.length);
  for (let p = 0, k = 0; p < images * channels; p++) {
    for (let h = 0; h < oh; h++) {
      const top = h * w.strides[0] - w.before[0];
      for (let v = 0; v < ow; v++, k++) {
        const left = v * w.strides[1] - w.before[1];
        let best = -Infinity, sum = 0, seen = 0, place = -1;
        for (let i = Math.max(0, top); i < Math.min(height, top + w.kernel[0]); i++) {
          for (let j = Math.max(0, left); j < Math.min(width, left + w.kernel[1]); j++) {
            const at = (p * height + i) * width + j, value = X[at];
            if (place < 0 || value > best || value !== value) place = at;
            if (value > best || value !== value) best = value;
            sum += value;
            seen++;
          }
        }
        y.data[k] = average ? sum / seen : best;
        if (places) places[k] = place;
      }
    }
  }
  if (places) y.places = tensor(y.dims, places);
  return y;
}

// Puts numbers at places of a tensor with one axis.
function scattered(x, places, updates) {
  const y = tensor(x.dims, x.data.slice());
  places.data.forEach((at, k) => (y.data[at] = updates.data[k]));
  return y;
}

function pooledWhole(x, average) {
  const [images, channels, height, width] = x.dims;
  return pooled(x, { kernel_shape: [height, width] }, average).data.length
    ? tensor([images, channels, 1, 1], pooled(x, { kernel_shape: [height, width] }, average).data)
    : zeros([images, channels, 1, 1]);
}

// Shapes -------------------------------------------------------------------------------------------------------------

function transposed(x, perm) {
  const own = stridesOf(x.dims);
  return gathered(x, perm.map((axis) => x.dims[axis]), perm.map((axis) => own[axis]), 0);
}

function reshaped(x, shape) {
  const dims = Array.from(shape, (n, axis) => (n === 0 ? x.dims[axis] : n));
  const known = count(dims.filter((n) => n !== -1));
  return tensor(dims.map((n) => (n === -1 ? x.data.length / known : n)), x.data);
}

function concatenated(xs, given) {
  const axis = given < 0 ? given + xs[0].dims.length : given;
  const dims = xs[0].dims.slice();
  dims[axis] = xs.reduce((sum, x) => sum + x.dims[axis], 0);
  const data = like(xs[0].data, count(dims));
  const before = count(dims.slice(0, axis)), after = count(dims.slice(axis + 1));
  let at = 0;
  for (let k = 0; k < before; k++) {
    for (const x of xs) {
      const part = x.dims[axis] * after;
      data.set(x.data.subarray(k * part, (k + 1) * part), at);
      at += part;
    }
  }
  return tensor(dims, data);
}

function sliced(x, starts, ends, axes, steps) {
  const dims = x.dims.slice(), own = stridesOf(dims), walk = own.slice();
  let start = 0;
  Array.from(axes ?? starts.keys()).forEach((given, k) => {
    const axis = given < 0 ? given + x.dims.length : given, n = x.dims[axis], step = steps ? steps[k] : 1;
    const bound = (v) => Math.max(0, Math.min(n, v < 0 ? v + n : v));
    start += bound(starts[k]) * own[axis];
    dims[axis] = Math.max(0, Math.ceil((bound(ends[k]) - bound(starts[k])) / step));
    walk[axis] = own[axis] * step;
  });
  return gathered(x, dims, walk, start);
}

function surrounded(x, pads, value) {
  const rank = x.dims.length, dims = x.dims.map((n, axis) => n + pads[axis] + pads[axis + rank]);
  const y = tensor(dims, like(x.data, count(dims)).fill(value));
  const steps = stridesOf(dims);
  const start = steps.reduce((sum, step, axis) => sum + step * pads[axis], 0);
  eachPlace(x.dims, steps, start, (from, to) => { y.data[to] = x.data[from]; });
  return y;
}

// Chosen positions of an axis.
function gatheredAlong(x, places, given) {
  const axis = given < 0 ? given + x.dims.length : given, n = x.dims[axis];
  const before = count(x.dims.slice(0, axis)), after = count(x.dims.slice(axis + 1)), m = places.data.length;
  const dims = [...x.dims.slice(0, axis), ...places.dims, ...x.dims.slice(axis + 1)];
  const y = tensor(dims, like(x.data, before * m * after));
  for (let b = 0; b < before; b++) {
    places.data.forEach((place, k) => {
      const from = (b * n + (place < 0 ? place + n : place)) * after;
      y.data.set(x.data.subarray(from, from + after), (b * m + k) * after);
    });
  }
  return y;
}

// Height and width by factors, or to sizes; the modes that the drawing uses.
function resized(x, scales, sizes, attributes) {
  const [images, channels, height, width] = x.dims;
  const scaled = (n, factor) => Math.floor(n * factor + 1e-6);
  const out = sizes ? [sizes[2], sizes[3]] : [scaled(height, scales[2]), scaled(width, scales[3])];
  const rows = seen(height, out[0], sizes ? out[0] / height : scales[2], attributes);
  const columns = seen(width, out[1], sizes ? out[1] / width : scales[3], attributes);
  const y = zeros([images, channels, ...out]), between = new Float32Array(height * out[1]);
  for (let p = 0; p < images * channels; p++) {
    for (let h = 0; h < height; h++) {
      const row = (p * height + h) * width;
      columns.forEach((taps, v) => { between[h * out[1] + v] = blended(taps, (place) => x.data[row + place]); });
    }
    rows.forEach((taps, h) => {
      const at = (p * out[0] + h) * out[1];
      for (let v = 0; v < out[1]; v++) y.data[at + v] = blended(taps, (place) => between[place * out[1] + v]);
    });
  }
  return y;
}

function blended(taps, value) {
  let sum = 0;
  for (const [place, weight] of taps) sum += weight * value(place);
  return sum;
}

// For each output of an axis, which inputs it sees, and with which weights.
function seen(n, m, scale, attributes) {
  const how = attributes.coordinate_transformation_mode ?? "half_pixel", last = n - 1;
  const clip = (place) => Math.max(0, Math.min(last, place));
  return Array.from({ length: m }, (_, o) => {
    const x = how === "asymmetric" ? o / scale : how === "align_corners" ? o * last / Math.max(m - 1, 1)
      : (o + 0.5) / scale - 0.5;
    if (attributes.mode === "nearest") {
      const rounding = attributes.nearest_mode ?? "round_prefer_floor";
      const place = rounding === "floor" ? Math.floor(x + 1e-9) : rounding === "round_prefer_floor" ? Math.ceil(x - 0.5)
        : Math.floor(x + 0.5);
      return [[clip(place), 1]];
    }
    const below = Math.floor(x), t = x - below;
    return [[clip(below), 1 - t], [clip(below + 1), t]];
  });
}

// Sums ---------------------------------------------------------------------------------------------------------------

function multiplied(a, b) {
  const [inner, columns] = b.dims, rows = a.data.length / inner;
  const y = zeros([...a.dims.slice(0, -1), columns]);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inner; k++) {
      const v = a.data[r * inner + k];
      for (let c = 0; c < columns; c++) y.data[r * columns + c] += v * b.data[k * columns + c];
    }
  }
  return y;
}

// Applies f to the numbers along an axis: f(values) gives the new ones.
function along(x, given, f) {
  const axis = given < 0 ? given + x.dims.length : given;
  const n = x.dims[axis], after = count(x.dims.slice(axis + 1)), before = count(x.dims.slice(0, axis));
  const y = zeros(x.dims), values = new Float64Array(n);
  for (let b = 0; b < before; b++) {
    for (let a = 0; a < after; a++) {
      const start = b * n * after + a;
      for (let k = 0; k < n; k++) values[k] = x.data[start + k * after];
      f(values);
      for (let k = 0; k < n; k++) y.data[start + k * after] = values[k];
    }
  }
  return y;
}

function softmax(values) {
  let largest = -Infinity, sum = 0;
  for (const v of values) largest = Math.max(largest, v);
  for (let k = 0; k < values.length; k++) sum += values[k] = Math.exp(values[k] - largest);
  for (let k = 0; k < values.length; k++) values[k] /= sum;
}

function reduced(x, axes, keep, mean) {
  const gone = new Set(Array.from(axes ?? x.dims.keys(), (axis) => (axis < 0 ? axis + x.dims.length : axis)));
  const kept = x.dims.map((n, axis) => (gone.has(axis) ? 1 : n)), own = stridesOf(kept);
  const steps = x.dims.map((_, axis) => (gone.has(axis) ? 0 : own[axis]));
  const sums = new Float64Array(count(kept));
  eachPlace(x.dims, steps, 0, (from, to) => { sums[to] += x.data[from]; });
  const y = tensor(kept, like(x.data, sums.length)), share = mean ? x.data.length / sums.length : 1;
  for (let k = 0; k < sums.length; k++) y.data[k] = sums[k] / share;
  return keep ? y : tensor(kept.filter((_, axis) => !gone.has(axis)), y.data);
}

function normalized(x, scale, shift, mean, variance, epsilon) {
  const y = zeros(x.dims), channels = x.dims[1], area = count(x.dims.slice(2));
  for (let p = 0; p < x.dims[0] * channels; p++) {
    const c = p % channels, factor = scale.data[c] / Math.sqrt(variance.data[c] + epsilon);
    const summand = shift.data[c] - mean.data[c] * factor;
    for (let k = p * area; k < (p + 1) * area; k++) y.data[k] = x.data[k] * factor + summand;
  }
  return y;
}

// The table ----------------------------------------------------------------------------------------------------------

const KINDS = { float32: Float32Array, float64: Float64Array, int64: Int32Array };

const OPERATIONS = {
  Identity: ([x]) => x,
  Conv: ([x, kernel, bias], a) => convolve(x, kernel, bias, a),
  ConvTranspose: ([x, kernel, bias], a) => stamp(x, kernel, bias, a),
  MaxPool: ([x], a) => pooled(x, a, false),
  AveragePool: ([x], a) => pooled(x, a, true),
  GlobalMaxPool: ([x]) => pooledWhole(x, false),
  GlobalAveragePool: ([x]) => pooledWhole(x, true),
  BatchNormalization: ([x, ...given], a) => normalized(x, ...given, a.epsilon),
  MatMul: ([a, b]) => multiplied(a, b),
  Softmax: ([x], a) => along(x, a.axis ?? -1, softmax),
  ReduceMean: ([x, axes], a) => reduced(x, axes?.data, a.keepdims ?? 1, true),
  ReduceProd: ([x]) => tensor([1], [x.data.reduce((a, b) => a * Number(b), 1)]),
  ScatterElements: ([x, places, updates]) => scattered(x, places, updates),
  ReduceSum: ([x, axes], a) => reduced(x, axes?.data, a.keepdims ?? 1, false),
  Cast: ([x], a) => tensor(x.dims, KINDS[a.to].from(x.data)),
  Range: ([start, limit, step]) => {
    const [from, to, by] = [start, limit, step].map((item) => item.data[0]);
    const n = Math.max(0, Math.ceil((to - from) / by));
    return tensor([n], like(start.data, n).map((_, k) => from + k * by));
  },
  Gather: ([x, places], a) => gatheredAlong(x, places, a.axis ?? 0),
  Clip: ([x, low, high]) => {
    const from = low ? low.data[0] : -Infinity, to = high ? high.data[0] : Infinity;
    return mapped(x, (v) => (v < from ? from : v > to ? to : v));
  },
  Where: ([condition, a, b]) => {
    const dims = broadcastDims([condition.dims, a.dims, b.dims]);
    const [c, x, y] = [condition, a, b].map((item) => spread(item, dims).data);
    return tensor(dims, like(x, c.length).map((_, k) => (c[k] ? x[k] : y[k])));
  },
  Transpose: ([x], a) => transposed(x, a.perm),
  Reshape: ([x, shape]) => reshaped(x, shape.data),
  Flatten: ([x]) => tensor([x.dims[0], count(x.dims.slice(1))], x.data),
  Squeeze: ([x, axes]) => {
    const gone = Array.from(axes.data, (axis) => (axis < 0 ? axis + x.dims.length : axis));
    return tensor(x.dims.filter((_, axis) => !gone.includes(axis)), x.data);
  },
  Concat: (xs, a) => concatenated(xs, a.axis),
  Slice: ([x, starts, ends, axes, steps]) => sliced(x, starts.data, ends.data, axes?.data, steps?.data),
  Pad: ([x, pads, value]) => surrounded(x, pads.data, value ? value.data[0] : 0),
  Resize: ([x, , scales, sizes], a) => resized(x, scales?.data, sizes?.data, a),
  Shape: ([x], a) => {
    const dims = x.dims.slice(a.start ?? 0, a.end ?? undefined);
    return tensor([dims.length], Int32Array.from(dims));
  },
  Expand: ([x, shape]) => spread(x, broadcastDims([x.dims, Array.from(shape.data)])),
};

for (const [name, make] of Object.entries(UNARY)) OPERATIONS[name] = ([x], a) => mapped(x, make(a));
for (const name of Object.keys(BINARY)) OPERATIONS[name] = ([a, b]) => paired(name, a, b);

// Computes all nodes of a graph: {nodes, constants, inputs, outputs}; tensors are dropped after their last use.
function run(graph, inputs, progress) {
  const values = new Map(Object.entries(graph.constants)), last = new Map();
  graph.nodes.forEach((node, k) => node.inputs.forEach((name) => last.set(name, k)));
  graph.inputs.forEach((name, k) => values.set(name, inputs[k]));
  graph.nodes.forEach((node, k) => {
    const given = node.inputs.map((name) => (name ? values.get(name) : undefined));
    const result = OPERATIONS[node.operation](given, node.attributes);
    values.set(node.outputs[0], result);
    if (node.outputs.length > 1) values.set(node.outputs[1], result.places);
    for (const name of node.inputs) {
      if (last.get(name) === k && !(name in graph.constants) && !graph.outputs.includes(name)) values.delete(name);
    }
    if (progress) progress((k + 1) / graph.nodes.length);
  });
  return graph.outputs.map((name) => values.get(name));
}

// Makes the constants of a graph: {name: {dims, kind, at}} and the bytes that they lie in, one after the other.
function unpacked(graph, bytes) {
  const constants = {};
  for (const [name, { dims, kind, at }] of Object.entries(graph.constants)) {
    const numbers = count(dims);
    constants[name] = tensor(dims, new (kind === "int32" ? Int32Array : Float32Array)(bytes, at, numbers));
  }
  return { ...graph, constants };
}
