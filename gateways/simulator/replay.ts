import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import type { Clock } from '#infra/clock.ts';
import { ConfigError } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';
import { fieldTopic } from '#schemas/topics.ts';
import type { BrokerOptions } from './options.ts';
import { dayMs } from './calendar.ts';
import { openOutbox } from './outbox.ts';
import { createRowReader, findReplayPlan, readReplayPlan, type ReplayPlan, type Row } from './replay-plan.ts';

/**
 * When measurements of another time are said to have been made: the first now and the rest as they followed, faster by
 * the factor; the last now, all at once; or when they were.
 */
export const replayAlignments = ['start', 'end', 'none'] as const;
export type ReplayAlignment = (typeof replayAlignments)[number];

export interface ReplayOptions {
  readonly file: string;
  /** Undefined: the ready-made one that knows the columns. */
  readonly planFile: string | undefined;
  readonly align: ReplayAlignment;
  /** With `start`: how many times faster than measured. */
  readonly speed: number;
  /** With `end`: rows further back are read, for the registers, and not sent. */
  readonly days: number;
  readonly parkId: string;
  readonly broker: BrokerOptions;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ReplayCounts {
  readonly rows: number;
  /** Rows without a time. */
  readonly skipped: number;
  readonly sentValues: number;
  readonly acknowledged: number;
  readonly waiting: number;
}

export interface Replay extends AsyncDisposable {
  counts(): ReplayCounts;
  /** Resolves when all of the file is acknowledged, or the replay was stopped. */
  readonly finished: Promise<void>;
}

/** Messages that wait at most: a file is read no faster than it is taken. */
const waitingMost = 500;
/** Rows of one message where they are history; live, each row is one. */
const rowsPerMessage = 200;
const recordBytes = 64 * 1024;

/** The plan for a file. @throws ConfigError */
export async function planOf(options: Pick<ReplayOptions, 'file' | 'planFile'>): Promise<ReplayPlan> {
  if (options.planFile !== undefined) return readReplayPlan(options.planFile);
  for await (const row of rowsOf(options.file)) return findReplayPlan(Object.keys(row));
  throw new ConfigError(`--replay names ${options.file}, which has no rows.`);
}

/** Streams a table row by row to the broker: neither its size nor a slow broker fills our memory. */
export async function startReplay(options: ReplayOptions): Promise<Replay> {
  const { file, clock, log, parkId, broker } = options;
  const plan = await planOf(options);
  const shiftMs = options.align === 'end' ? clock.nowMs() - (await lastTime(file, plan)) : 0;
  const outbox = openOutbox({ ...broker, clientId: `${parkId}-replay`, will: undefined, greeting: [], log });
  const stopping = new AbortController();
  const counts = { rows: 0, skipped: 0, sentValues: 0 };
  const messages = collect(parkId, options.align === 'start' ? 1 : rowsPerMessage, (topic, payload) =>
    outbox.send({ topic, payload, retain: false }),
  );
  const play = async () => {
    const read = createRowReader(plan);
    const startedMs = clock.nowMs();
    let firstMs: number | null = null;
    for await (const row of rowsOf(file)) {
      stopping.signal.throwIfAborted();
      const replayed = read(row);
      counts.rows++;
      if (replayed === null) {
        counts.skipped++;
        continue;
      }
      firstMs ??= replayed.timeMs;
      const live = options.align === 'start';
      const timeMs = live
        ? startedMs + (replayed.timeMs - firstMs) / options.speed
        : replayed.timeMs + shiftMs;
      if (options.align === 'end' && timeMs < startedMs - options.days * dayMs) continue;
      if (live && timeMs > clock.nowMs()) await clock.sleep(timeMs - clock.nowMs(), stopping.signal);
      for (const { deviceId, values } of replayed.messages) {
        counts.sentValues += Object.keys(values).length;
        messages.add(deviceId, { ts: Math.round(timeMs), values });
      }
      await outbox.drained(waitingMost, stopping.signal);
    }
    messages.flush();
    await outbox.drained(0, stopping.signal);
    log.info({ ...counts }, 'the file has been replayed');
  };
  const finished = play().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    finished,
    counts: () => ({ ...counts, acknowledged: outbox.acknowledged, waiting: outbox.waiting }),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the replay stops'));
      await finished.catch(() => undefined);
      await outbox[Symbol.asyncDispose]();
    },
  };
}

interface Message {
  readonly ts: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Gathers the rows of each device into messages of so many. */
function collect(parkId: string, size: number, send: (topic: string, payload: string) => void) {
  const waiting = new Map<string, (Message & { readonly seq: number })[]>();
  const sequence = new Map<string, number>();
  const sendAll = (deviceId: string) => {
    const rows = waiting.get(deviceId) ?? [];
    if (rows.length > 0) send(fieldTopic(parkId, deviceId, 'telemetry'), JSON.stringify(rows));
    waiting.set(deviceId, []);
  };
  return {
    add(deviceId: string, message: Message) {
      const seq = (sequence.get(deviceId) ?? 0) + 1;
      sequence.set(deviceId, seq);
      const rows = waiting.get(deviceId) ?? [];
      rows.push({ ...message, seq });
      waiting.set(deviceId, rows);
      if (rows.length >= size) sendAll(deviceId);
    },
    flush() {
      for (const deviceId of waiting.keys()) sendAll(deviceId);
    },
  };
}

async function* rowsOf(file: string): AsyncGenerator<Row> {
  const parser = parse({
    bom: true,
    columns: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: recordBytes,
  });
  const source = createReadStream(file);
  source.on('error', (error) => parser.destroy(error));
  try {
    yield* source.pipe(parser) as AsyncIterable<Row>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(`--replay names ${file}, which cannot be read (${code ?? message}).`);
  } finally {
    source.destroy();
  }
}

async function lastTime(file: string, plan: ReplayPlan): Promise<number> {
  const read = createRowReader(plan);
  let last = Number.NEGATIVE_INFINITY;
  for await (const row of rowsOf(file)) last = Math.max(last, read(row)?.timeMs ?? last);
  if (last === Number.NEGATIVE_INFINITY)
    throw new ConfigError(`--replay names ${file}, which has no row with a time.`);
  return last;
}
