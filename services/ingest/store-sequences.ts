import type { Client } from 'pg';
import { transaction, type Database, type Queryable } from '#infra/postgres.ts';
import { countGaps, emptySequence, mergeMark, type HeardMarks, type SequenceState } from './sequence.ts';

/**
 * The SQL of sequence numbers. What is known of a device is its row in `sequence_state` and, merged into it in the order
 * of their ids, its marks in the rows of `sequence_heard`.
 */

/** Rows of `sequence_heard` read at once: each is a flush, and merging them must not hold up others. */
const heardAtOnce = 4;
/** Rows one transaction folds. */
const foldedAtOnce = 512;
/** Rows a reader merges; where more wait, it answers as of the first that it leaves out. */
const heardRead = 1_024;
/** Devices whose state goes to or from the server in one statement. */
const statesAtOnce = 500;
/** A process that freezes or is cut off in the middle must not keep rows and devices from the others. */
const foldTimeouts =
  "set local idle_in_transaction_session_timeout = '10s'; set local lock_timeout = '5s'; set local statement_timeout = '30s'";

/** Keeps the numbers of a flush, in the transaction of its readings; devices' ids hold no comma. */
export async function hearSequences(client: Client, source: string, heard: HeardMarks): Promise<void> {
  await client.query({
    name: 'hear-sequences',
    text: `insert into sequence_heard (source, device_ids, seqs, times_ms, arrived_ms)
     values ($1, string_to_array($2, ','), $3::bigint[], $4::float8[], $5::float8[])`,
    values: [
      source,
      heard.deviceIds.join(','),
      `{${heard.seqs.join(',')}}`,
      `{${heard.timesMs.join(',')}}`,
      `{${heard.arrivedMs.join(',')}}`,
    ],
  });
}

/** The state of one device, and the gateway that heard it last. */
type DeviceSequence = SequenceState & { source: string };

interface HeardRow extends HeardMarks {
  readonly id: number;
  readonly source: string;
}

const heardColumns = `id::float8 as id, source, array_to_string(device_ids, ',') as devices,
  array_to_string(seqs, ',') as seqs, array_to_string(times_ms, ',') as times, array_to_string(arrived_ms, ',') as arrived`;

interface HeardText {
  readonly id: number;
  readonly source: string;
  readonly devices: string;
  readonly seqs: string;
  readonly times: string;
  readonly arrived: string;
}

/**
 * Merges what was heard into the states, until nothing waits. Rows are taken and states written in one transaction, of
 * which there is one at a time: any number of processes may try this at any time, and die at any moment.
 * @returns how many rows of `sequence_heard` are gone
 */
export async function foldSequences(db: Database): Promise<number> {
  let folded = 0;
  for (;;) {
    const rows = await transaction(db, foldPortion);
    folded += rows;
    if (rows < foldedAtOnce) return folded;
  }
}

async function foldPortion(client: Queryable): Promise<number> {
  await client.query(foldTimeouts);
  if (!(await holdSequences(client))) return 0;
  const states = new Map<string, DeviceSequence>();
  let rows = 0;
  while (rows < foldedAtOnce) {
    const heard = await takeHeard(client, heardAtOnce);
    if (heard.length === 0) break;
    await lockStates(client, states, heard);
    for (const row of heard) mergeRow(states, row);
    rows += heard.length;
  }
  await writeStates(client, states);
  return rows;
}

/** Until the end of the transaction; false while another process merges, which two in different orders could not. */
async function holdSequences(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ isHeld: boolean }>({
    name: 'hold-sequences',
    text: `select pg_try_advisory_xact_lock(hashtextextended('parkwatch sequences', 0)) as "isHeld"`,
  });
  return rows[0]?.isHeld ?? false;
}

/** Takes the oldest rows. */
async function takeHeard(client: Queryable, most: number): Promise<HeardRow[]> {
  const { rows } = await client.query<HeardText>({
    name: 'take-heard',
    text: `with oldest as materialized (
       select id as taken from sequence_heard order by id limit $1)
     delete from sequence_heard using oldest where id = taken returning ${heardColumns}`,
    values: [most],
  });
  return rows.map(parseHeard).toSorted((a, b) => a.id - b.id);
}

function parseHeard({ id, source, devices, seqs, times, arrived }: HeardText): HeardRow {
  return {
    id,
    source,
    deviceIds: devices.split(','),
    seqs: seqs.split(',').map(Number),
    timesMs: times.split(',').map(Number),
    arrivedMs: arrived.split(',').map(Number),
  };
}

/** Reads the states that are not held yet; locked, since a process of an earlier version merges as it writes. */
async function lockStates(
  client: Queryable,
  states: Map<string, DeviceSequence>,
  heard: readonly HeardRow[],
): Promise<void> {
  const named = new Set(heard.flatMap(({ deviceIds }) => deviceIds));
  const ids = [...named].filter((deviceId) => !states.has(deviceId)).toSorted();
  for (let at = 0; at < ids.length; at += statesAtOnce) {
    const { rows } = await client.query<DeviceSequence & { deviceId: string }>({
      name: 'lock-sequences',
      text: `select ${stateColumns} from sequence_state where device_id = any($1) order by device_id for update`,
      values: [ids.slice(at, at + statesAtOnce)],
    });
    for (const { deviceId, ...state } of rows) states.set(deviceId, state);
  }
}

const stateColumns = `device_id as "deviceId", source, runs, gaps::float8 as gaps, repeats::float8 as repeats,
  restarts::float8 as restarts`;

/** Merges the marks of a row into the states, of all devices or of one. */
function mergeRow(states: Map<string, DeviceSequence>, row: HeardRow, only: string | null = null): void {
  for (const [index, deviceId] of row.deviceIds.entries()) {
    if (only !== null && deviceId !== only) continue;
    let state = states.get(deviceId);
    if (state === undefined) {
      state = { ...emptySequence(), source: row.source };
      states.set(deviceId, state);
    }
    state.source = row.source;
    const mark = { seq: row.seqs[index] ?? 0, timeMs: row.timesMs[index] ?? 0 };
    mergeMark(state, mark, row.arrivedMs[index] ?? 0);
  }
}

async function writeStates(client: Queryable, states: ReadonlyMap<string, DeviceSequence>): Promise<void> {
  const all = [...states];
  for (let at = 0; at < all.length; at += statesAtOnce) {
    const rows = all
      .slice(at, at + statesAtOnce)
      .map(([deviceId, state]) => ({ device_id: deviceId, ...state }));
    await client.query({
      name: 'write-sequences',
      text: `insert into sequence_state (device_id, source, runs, gaps, repeats, restarts)
       select device_id, source, runs, gaps, repeats, restarts from json_to_recordset($1::json)
         as x(device_id text, source text, runs jsonb, gaps bigint, repeats bigint, restarts bigint)
       on conflict (device_id) do update set source = excluded.source, runs = excluded.runs, gaps = excluded.gaps,
         repeats = excluded.repeats, restarts = excluded.restarts, changed_at = now()`,
      values: [JSON.stringify(rows)],
    });
  }
}

export interface SequenceFigures {
  devices: number;
  gaps: number;
  repeats: number;
}

/** What is known of the sequence numbers, by source; grows with the number of devices only. */
export async function readSequences(db: Database, nowMs: number): Promise<Map<string, SequenceFigures>> {
  const { states, asOfMs } = await readStates(db, null, nowMs);
  const bySource = new Map<string, SequenceFigures>();
  for (const state of states.values()) {
    const figures = bySource.get(state.source) ?? { devices: 0, gaps: 0, repeats: 0 };
    figures.devices++;
    figures.gaps += countGaps(state, asOfMs);
    figures.repeats += state.repeats;
    bySource.set(state.source, figures);
  }
  return bySource;
}

/** The numbering of one device, by the source that heard it last. */
export async function readDeviceSequences(
  db: Database,
  deviceId: string,
  nowMs: number,
): Promise<{ source: string; gaps: number; repeats: number }[]> {
  const { states, asOfMs } = await readStates(db, deviceId, nowMs);
  return [...states.values()].map((state) => ({
    source: state.source,
    gaps: countGaps(state, asOfMs),
    repeats: state.repeats,
  }));
}

/** States with what was heard since, as one snapshot has them; of one device, or of all. */
async function readStates(
  db: Database,
  deviceId: string | null,
  nowMs: number,
): Promise<{ states: Map<string, DeviceSequence>; asOfMs: number }> {
  return transaction(db, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const states = new Map<string, DeviceSequence>();
    for (let after = '', more = true; more;) {
      const { rows } = await client.query<DeviceSequence & { deviceId: string }>(
        `select ${stateColumns} from sequence_state
         where device_id > $1 and ($2::text is null or device_id = $2) order by device_id limit $3`,
        [after, deviceId, statesAtOnce],
      );
      for (const { deviceId: id, ...state } of rows) states.set(id, state);
      after = rows.at(-1)?.deviceId ?? '';
      more = rows.length === statesAtOnce;
    }
    let read = 0;
    for (let after = 0; ;) {
      const { rows } = await client.query<HeardText>(
        `select ${heardColumns} from sequence_heard
         where id > $1 and ($2::text is null or $2 = any(device_ids)) order by id limit $3`,
        [after, deviceId, heardAtOnce],
      );
      const heard = rows.map(parseHeard);
      read += heard.length;
      if (read > heardRead) return { states, asOfMs: Math.min(nowMs, ...(heard[0]?.arrivedMs ?? [])) };
      for (const row of heard) mergeRow(states, row, deviceId);
      if (heard.length < heardAtOnce) return { states, asOfMs: nowMs };
      after = heard.at(-1)?.id ?? 0;
    }
  });
}
