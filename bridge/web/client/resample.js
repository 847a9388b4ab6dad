/**
 * Streaming resampling by a windowed sinc (Kaiser, about 70 dB), of one channel of floats.
 *
 * Chunking never changes the result. Source: J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample.
 */

const ZEROS = 16; // zero crossings on each side
const BETA = 7;
const ROLLOFF = 0.92;

export class Resampler {
  /** From `source` to `target` samples per second, both whole. */
  constructor(source, target) {
    const common = gcd(source, target);
    this.up = target / common;
    this.down = source / common;
    const cutoff = ROLLOFF * Math.min(1, target / source);
    this.half = Math.ceil(ZEROS / cutoff);
    this.filters = Array.from({ length: this.up }, (_, phase) => this.filter(phase / this.up, cutoff));
    this.phase = 0; // of the next output, in 1/up input samples, from the start of `held`
    this.held = new Float32Array(this.half - 1); // silence before the first sample
  }

  filter(fraction, cutoff) {
    const taps = new Float32Array(2 * this.half);
    let sum = 0;
    for (let index = 0; index < taps.length; index += 1) {
      const x = index - this.half + 1 - fraction;
      const window = bessel(BETA * Math.sqrt(Math.max(0, 1 - (x / this.half) ** 2)));
      taps[index] = sinc(x * cutoff) * window;
      sum += taps[index];
    }
    return taps.map((tap) => tap / sum);
  }

  /** What can be told of the output once `input` (Float32Array) has come; it lags by `half` input samples. */
  push(input) {
    const data = new Float32Array(this.held.length + input.length);
    data.set(this.held);
    data.set(input, this.held.length);
    const out = [];
    let at = Math.floor(this.phase / this.up);
    while (at + 2 * this.half <= data.length) {
      const taps = this.filters[this.phase % this.up];
      let sum = 0;
      for (let index = 0; index < taps.length; index += 1) sum += taps[index] * data[at + index];
      out.push(sum);
      this.phase += this.down;
      at = Math.floor(this.phase / this.up);
    }
    const gone = Math.min(at, data.length);
    this.phase -= gone * this.up;
    this.held = data.slice(gone);
    return Float32Array.from(out);
  }
}

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function bessel(x) {
  let sum = 1;
  for (let term = 1, k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
