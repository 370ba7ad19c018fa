import { startLeader, type Leader, type Leadership } from '#infra/lease.ts';
import { silentLog } from '#infra/log.ts';
import { transaction } from '#infra/postgres.ts';
import { evaluate } from '#services/alarms/evaluate.ts';
import { initialState, type AlarmChange, type JudgedRule, type JudgeState } from '#services/alarms/judge.ts';
import { FakeLeaseDatabase, type Reading } from './fake-lease-database.ts';
import type { Plant } from './planted.ts';
import { Sim, startMs } from './sim.ts';

const log = silentLog();
const faultyMs = 120_000;
const calmMs = 120_000;
const lookEveryMs = 500;
const rule: JudgedRule = {
  condition: { kind: 'limit', side: 'high', limit: 100, deadband: 0, onDelayMs: 20_000, offDelayMs: 0 },
  unit: '',
};

interface Candidate {
  isAlive: boolean;
  frozenUntilMs: number;
  leader: Leader | null;
}

/** Two processes that would lead the alarms, one database, one point; they freeze, die, stop and lose their lines. */
export async function simulateAlarms(seed: number, plant: Plant | null): Promise<Sim> {
  const world = new AlarmWorld(seed, plant);
  try {
    await world.run();
  } finally {
    world.forget();
  }
  return world.sim;
}

class AlarmWorld {
  readonly sim: Sim;
  readonly #plant: Plant | null;
  readonly #database: FakeLeaseDatabase;
  readonly #candidates: Candidate[] = [];
  readonly #leaders: Leader[] = [];

  constructor(seed: number, plant: Plant | null) {
    this.sim = new Sim(seed);
    this.#plant = plant;
    this.#database = new FakeLeaseDatabase(
      this.sim,
      this.sim.chance.hits(0.5) ? 0 : this.sim.chance.next() * 0.03,
    );
  }

  async run(): Promise<void> {
    const { chance } = this.sim;
    this.#start(0);
    this.#start(1);
    const readings = this.#plan();
    for (const reading of readings) {
      this.sim.after(reading.timeMs - this.sim.nowMs + chance.between(0, 50), () =>
        this.#database.readings.push(reading),
      );
    }
    for (let trouble = chance.between(1, 5); trouble > 0; trouble--) {
      this.sim.after(chance.between(0, faultyMs), () => this.#trouble());
    }
    await this.sim.run(faultyMs);
    this.#database.breaks = 0;
    await this.sim.run(faultyMs + calmMs);
    this.#check(readings);
    await this.sim.run(0);
  }

  /** Node keeps composite signals that somebody listens to until they are aborted, and with them all of this world. */
  forget(): void {
    for (const leader of this.#leaders) void leader[Symbol.asyncDispose]();
  }

  /**
   * Excursions whose end is not a matter of opinion: longer than the delay, or followed by silence, where only a timer
   * can raise the alarm.
   */
  #plan(): Reading[] {
    const { chance } = this.sim;
    const readings: Reading[] = [];
    let timeMs = startMs + 500;
    const add = (count: number, value: number) => {
      for (; count > 0 && timeMs < startMs + faultyMs; count--) {
        readings.push({ timeMs, value });
        timeMs += 1_000;
      }
    };
    for (let round = chance.between(0, 2); round > 0; round--) {
      add(chance.between(3, 15), 50);
      add(chance.between(25, 35), 150);
      add(3, 50);
    }
    add(chance.between(1, 10), 50);
    add(1, 150);
    return readings;
  }

  #trouble(): void {
    const { chance } = this.sim;
    // Mostly the leader; but who only asks for the lease can stand in the way, too.
    const leading = this.#candidates.findIndex(({ leader }) => leader?.epoch !== undefined);
    const index = chance.hits(0.2) ? chance.between(0, 1) : leading;
    const candidate = this.#candidates[index];
    if (candidate === undefined || !candidate.isAlive) return;
    const what = chance.between(0, 3);
    if (what === 0) candidate.frozenUntilMs = this.sim.nowMs + chance.between(1_000, 30_000);
    else if (what === 1) void this.#stop(index, candidate);
    else this.#replace(index, candidate);
  }

  async #stop(index: number, candidate: Candidate): Promise<void> {
    await candidate.leader?.[Symbol.asyncDispose]();
    if (candidate.isAlive) this.#replace(index, candidate);
  }

  #replace(index: number, candidate: Candidate): void {
    candidate.isAlive = false;
    candidate.leader = null;
    this.sim.after(this.sim.chance.between(100, 10_000), () => this.#start(index));
  }

  #start(index: number): void {
    const candidate: Candidate = { isAlive: true, frozenUntilMs: 0, leader: null };
    this.#candidates[index] = candidate;
    const clock = this.sim.clockOf(candidate);
    candidate.leader = startLeader({
      role: 'alarms',
      databaseUrl: '',
      clock,
      log,
      openPool: ({ name }) => this.#database.pool(name, candidate),
      lead: (leadership) => {
        const working = this.#judge(leadership, (ms, signal) => clock.sleep(ms, signal));
        return { [Symbol.asyncDispose]: () => working };
      },
    });
    this.#leaders.push(candidate.leader);
  }

  /** Reads what is new, judges it, and commits state and changes together, fenced: as the alarm engine does. */
  async #judge(
    { db, signal, fence, epoch }: Leadership,
    sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const stored = await this.#loaded(db, signal, sleep);
    let state = this.#plant?.alarmState?.(stored) ?? stored;
    let committed = state;
    let changes: AlarmChange[] = [];
    while (!signal.aborted) {
      try {
        const { rows } = await db.query<Reading>('read readings', [state.handledToMs ?? 0]);
        for (const reading of rows)
          ({ state, changes } = judged(state, changes, {
            kind: 'sample',
            quality: 0,
            ...reading,
            nowMs: this.sim.nowMs,
          }));
        ({ state, changes } = judged(state, changes, { kind: 'timer', nowMs: this.sim.nowMs }));
        if (state !== committed) {
          const saving = state;
          await transaction(db, async (client) => {
            await client.query('save alarms', [epoch, saving, changes]);
            await (this.#plant?.fence ?? fence)(client);
          });
          committed = saving;
          changes = [];
        }
      } catch {
        // The store is away, or another leads: then the signal says so.
      }
      await sleep(lookEveryMs, signal).catch(() => undefined);
    }
  }

  async #loaded(
    db: Leadership['db'],
    signal: AbortSignal,
    sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  ): Promise<JudgeState> {
    for (;;) {
      try {
        const { rows } = await db.query<JudgeState>('load alarms');
        return rows[0] ?? initialState;
      } catch {
        await sleep(lookEveryMs, signal);
      }
    }
  }

  /** What one judge without any trouble would have said. */
  #check(readings: readonly Reading[]): void {
    let state = initialState;
    let changes: AlarmChange[] = [];
    for (const reading of readings) {
      ({ state, changes } = judged(state, changes, {
        kind: 'sample',
        quality: 0,
        ...reading,
        nowMs: reading.timeMs,
      }));
    }
    ({ changes } = judged(state, changes, { kind: 'timer', nowMs: this.sim.nowMs }));
    const expected = changes.map(nameOf);
    const found = [...this.#database.transitions.keys()];
    if (expected.join() !== found.join()) {
      this.sim.violate(
        `the journal tells ${found.join() || 'nothing'} where ${expected.join() || 'nothing'} was due`,
      );
    }
  }
}

function judged(state: JudgeState, before: readonly AlarmChange[], input: Parameters<typeof evaluate>[2]) {
  const judgement = evaluate(rule, state, input);
  return { state: judgement.state, changes: [...before, ...judgement.changes] };
}

function nameOf({ kind, onsetMs, timeMs }: AlarmChange): string {
  return `${kind} ${onsetMs - startMs}@${timeMs - startMs}`;
}
