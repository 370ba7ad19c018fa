const firstPoints = 4_096;

/**
 * The newest time of each point, epoch µs: what is committed, and what the plan of one flush adds to it. Columns by the
 * number of the point, which the database counts up: a map would be the most expensive thing a reading meets in a large park.
 */
export class NewestTimes {
  #committed = new Float64Array(firstPoints).fill(-Infinity);
  #planned = new Float64Array(firstPoints);
  /** Of which plan `#planned` is. */
  #planOf = new Uint32Array(firstPoints);
  #plan = 0;

  constructor(known: Iterable<readonly [pointId: number, timeUs: number]> = []) {
    for (const [pointId, timeUs] of known) this.commit(pointId, timeUs);
  }

  /** The newest committed time of a point; -Infinity when it has none. */
  of(pointId: number): number {
    return this.#committed[pointId] ?? -Infinity;
  }

  commit(pointId: number, timeUs: number): void {
    if (pointId >= this.#committed.length) this.#grow(pointId);
    if (timeUs > this.of(pointId)) this.#committed[pointId] = timeUs;
  }

  /** Forgets what was planned and not committed. A plan is made at once, so one at a time is enough for all lanes. */
  beginPlan(): void {
    this.#plan = (this.#plan + 1) >>> 0;
    if (this.#plan === 0) this.#planOf.fill(0);
    this.#plan ||= 1;
  }

  /** With what this plan holds. */
  withPlanned(pointId: number): number {
    const isPlanned = this.#planOf[pointId] === this.#plan;
    return isPlanned ? (this.#planned[pointId] ?? -Infinity) : this.of(pointId);
  }

  plan(pointId: number, timeUs: number): void {
    if (pointId >= this.#committed.length) this.#grow(pointId);
    this.#planned[pointId] = timeUs;
    this.#planOf[pointId] = this.#plan;
  }

  #grow(pointId: number): void {
    const size = 2 ** Math.ceil(Math.log2(pointId + 1));
    const [committed, planned, planOf] = [this.#committed, this.#planned, this.#planOf];
    this.#committed = new Float64Array(size).fill(-Infinity);
    this.#planned = new Float64Array(size);
    this.#planOf = new Uint32Array(size);
    this.#committed.set(committed);
    this.#planned.set(planned);
    this.#planOf.set(planOf);
  }
}
