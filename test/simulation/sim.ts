import type { Clock } from '#infra/clock.ts';

/** Chance that can be had again: the same seed, the same sequence (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e37_79b1) >>> 0;
  }

  /** From 0 to 1, 1 excluded. */
  next = (): number => {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  /** An integer, both ends included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  hits(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.between(0, items.length - 1)] ?? items[0];
  }
}

/** What was promised and not kept; the message says what, the seed says how to see it again. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

interface Task {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** 2026-01-05 08:00 in Shanghai, a Monday. */
export const startMs = Date.UTC(2026, 0, 5);

/**
 * The world's only time. Tasks run one after another in order of time; before the next, everything that promises can
 * still settle has settled. There is no other source of order: no timer, no socket, no file.
 */
export class Sim {
  readonly chance: Chance;
  readonly #tasks: Task[] = [];
  #order = 0;
  #nowMs = startMs;
  #violation: Violation | null = null;
  steps = 0;
  /** A figure of all steps and their times: two runs that agree in it have gone the same way. */
  trace = 0;
  /** Called before each step: here things die. */
  onStep: () => void = () => undefined;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Ends the run: a rule was broken. */
  violate(message: string): void {
    this.#violation ??= new Violation(`at ${this.#nowMs - startMs} ms: ${message}`);
  }

  after(delayMs: number, run: () => void): Disposable {
    const task: Task = {
      dueMs: this.#nowMs + Math.max(delayMs, 0),
      order: this.#order++,
      run,
      isCancelled: false,
    };
    this.#push(task);
    return { [Symbol.dispose]: () => void (task.isCancelled = true) };
  }

  /** Runs until nothing is left to do or `untilMs` from the start. @throws Violation */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      await settled();
      if (this.#violation !== null) throw this.#violation;
      const task = this.#pop();
      if (task === undefined || task.dueMs > startMs + untilMs) {
        if (task !== undefined) this.#push(task);
        this.#nowMs = Math.max(this.#nowMs, startMs + untilMs);
        return;
      }
      if (task.isCancelled) continue;
      this.#nowMs = task.dueMs;
      this.steps++;
      this.trace = Math.imul(this.trace ^ (task.dueMs - startMs) ^ task.order, 0x0100_0193) >>> 0;
      this.onStep();
      task.run();
    }
  }

  /** A clock that stops for good with its process, and whose tasks wait while the process is frozen. */
  clockOf(process: { readonly isAlive: boolean; readonly frozenUntilMs?: number }): Clock {
    const after = (delayMs: number, run: () => void): Disposable => {
      let timer: Disposable;
      const arm = (ms: number) => {
        timer = this.after(ms, () => {
          const frozenMs = (process.frozenUntilMs ?? 0) - this.#nowMs;
          if (frozenMs > 0) arm(frozenMs);
          else if (process.isAlive) run();
        });
      };
      arm(delayMs);
      return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
    };
    return {
      nowMs: () => this.#nowMs,
      monotonicMs: () => this.#nowMs - startMs,
      sleep: (delayMs, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason as Error);
          const timer = after(delayMs, resolve);
          signal?.addEventListener(
            'abort',
            () => {
              timer[Symbol.dispose]();
              reject(signal.reason as Error);
            },
            { once: true },
          );
        }),
      after,
      every: (intervalMs, run) => {
        let next: Disposable;
        const arm = () => {
          next = after(intervalMs, () => {
            arm();
            run();
          });
        };
        arm();
        return { [Symbol.dispose]: () => next[Symbol.dispose]() };
      },
    };
  }

  /** Binary heap by (time, order). */
  #push(task: Task): void {
    const heap = this.#tasks;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(task, heap[parent])) break;
      heap[at] = heap[parent] ?? task;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#tasks;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child] ?? last;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Task | undefined, other: Task | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

/** A macrotask comes after all microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
