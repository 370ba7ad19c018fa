import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '#test/kit/tree.ts';
import type { BenchPark } from './park.ts';

/** What is asked of a benchmark on the command line. */
export interface BenchOptions {
  /** How long a load is held. */
  readonly seconds: number;
  /** The smallest sizes: shows that the benchmark still runs, its figures mean nothing. */
  readonly smoke: boolean;
  /** DATA_DIR of a park whose year was handed in by the simulator. */
  readonly backfilled?: string | undefined;
}

export interface Figure {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly target: string | null;
  /** Null without a target, or where it could not be measured. */
  readonly reached: boolean | null;
  readonly detail: string;
}

export interface Report {
  add(
    name: string,
    value: number | null,
    more?: { unit?: string; atLeast?: number; atMost?: number; detail?: string },
  ): void;
}

const defaultSeconds = 60;
const smokeSeconds = 1;
const mib = 1024 * 1024;

/**
 * Runs a benchmark: prints how long it takes, then the table, and writes bench-results/NAME.json.
 * @param expectedS how long it takes, from the seconds a load is held
 */
export async function runBench(
  name: string,
  expectedS: (seconds: number) => number,
  measure: (report: Report, options: BenchOptions) => Promise<void>,
): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench-results' },
      backfilled: { type: 'string' },
    },
  });
  const heldS = values.smoke ? smokeSeconds : Number(values.seconds ?? defaultSeconds);
  const figures: Figure[] = [];
  process.stdout.write(`bench:${name}, ${heldS} s a load; about ${Math.ceil(expectedS(heldS) / 60)} min\n`);
  const startMs = performance.now();
  const add: Report['add'] = (figure, value, { unit = '', atLeast, atMost, detail = '' } = {}) => {
    const target = atLeast !== undefined ? `>= ${atLeast}` : atMost !== undefined ? `<= ${atMost}` : null;
    const reached =
      value === null || target === null
        ? null
        : value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
    const entry = { name: figure, value, unit, target, reached, detail };
    figures.push(entry);
    process.stdout.write(`${line(entry)}\n`);
  };
  await measure({ add }, { seconds: heldS, smoke: values.smoke, backfilled: values.backfilled });
  const tookS = Math.round((performance.now() - startMs) / 1_000);
  const [cpu] = cpus();
  const machine = { cpu: cpu?.model ?? '', cores: cpus().length, memoryMib: Math.round(totalmem() / mib) };
  const facts = { name, at: new Date().toISOString(), tookS, seconds: heldS, smoke: values.smoke, machine };
  const text = JSON.stringify({ ...facts, node: process.version, figures }, null, 2);
  const folder = join(root, values.out);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${text}\n`);
  process.stdout.write(
    `${tookS} s; ${machine.cores} cores, ${machine.cpu}; ${join(values.out, `${name}.json`)}\n`,
  );
}

function line({ name, value, unit, target, reached, detail }: Figure): string {
  const shown =
    value === null
      ? 'not measured'
      : value >= 1_000
        ? Math.round(value).toLocaleString('en')
        : String(Math.round(value * 100) / 100);
  const verdict = target === null ? '' : `${target} ${reached === null ? '' : reached ? 'pass' : 'SHORT'}`;
  return `${name.padEnd(58)} ${shown.padStart(12)} ${unit.padEnd(11)} ${verdict.padEnd(18)} ${detail}`;
}

export function seconds(count: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, count * 1_000);
  });
}

/** Facts of the server that a figure depends on. */
export async function serverVersion({ client }: BenchPark): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0]?.version ?? '';
}
