/** Counts lengths of time in steps of 0.1 ms up to a minute; longer ones count as a minute. */
const stepsPerMs = 10;
const steps = 60_000 * stepsPerMs;

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly most: number;
}

export class Histogram {
  readonly #counts = new Uint32Array(steps + 1);
  #count = 0;
  #most = 0;

  add(lengthMs: number): void {
    const step = Math.min(steps, Math.max(0, Math.ceil(lengthMs * stepsPerMs)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#count++;
    if (lengthMs > this.#most) this.#most = lengthMs;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#most = 0;
  }

  /** In ms; all 0 when nothing was counted. */
  percentiles(): Percentiles {
    return {
      count: this.#count,
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
      most: Math.round(this.#most * 10) / 10,
    };
  }

  #percentile(share: number): number {
    const wanted = Math.ceil(this.#count * share);
    let seen = 0;
    for (let step = 0; step <= steps; step++) {
      seen += this.#counts[step] ?? 0;
      if (seen >= wanted && wanted > 0) return step / stepsPerMs;
    }
    return 0;
  }
}
