import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '#infra/config.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { idSchema, metricSchema } from '#schemas/ids.ts';
import { convert } from '#schemas/units.ts';
import { localClock } from '../mapping/local-clock.ts';
import type { ParkDocument } from './plan.ts';
import { digits } from './random.ts';

const valueSchema = z.strictObject({
  metric: metricSchema,
  column: z.string(),
  /** What the column is in; the metric's own unless said. */
  unit: z.string().optional(),
  /** Each row is an amount of its interval, and the metric a register that it adds to. */
  accumulate: z.boolean().default(false),
  /** Numbers for texts; another text is no value. */
  texts: z.record(z.string(), z.number()).optional(),
});

/** How the rows of a table become messages of devices. */
const planSchema = z.strictObject({
  time: z.strictObject({ column: z.string(), form: z.string(), zone: z.string() }),
  devices: z
    .array(
      z.strictObject({
        id: idSchema,
        name: z.string(),
        class: z.string().refine((name) => deviceClasses.has(name), 'is no device class'),
        values: z.array(valueSchema).min(1),
      }),
    )
    .min(1),
});
export type ReplayPlan = z.output<typeof planSchema>;

/** @throws ConfigError in one sentence */
export function readReplayPlan(file: string | URL): ReplayPlan {
  const read = planSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ConfigError(`${String(file)}: ${issue?.path.join('.')}: ${issue?.message}`);
}

const folder = new URL('replay-plans/', import.meta.url);

/** The ready-made plan whose columns a table has. @throws ConfigError when none fits */
export function findReplayPlan(columns: readonly string[]): ReplayPlan {
  const plans = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readReplayPlan(new URL(name, folder)));
  const fitting = plans.find((plan) => columnsOf(plan).every((column) => columns.includes(column)));
  if (fitting !== undefined) return fitting;
  throw new ConfigError(
    '--replay: no ready-made plan knows these columns; write one and name it by --replay-plan.',
  );
}

function columnsOf(plan: ReplayPlan): string[] {
  return [plan.time.column, ...plan.devices.flatMap(({ values }) => values.map(({ column }) => column))];
}

/** The import document of a plan's devices; their values are real and not of now, and say so. */
export function replayPark(plan: ReplayPlan): ParkDocument {
  return {
    spaces: [],
    devices: plan.devices.map(({ id, name, class: deviceClass }) => ({
      id,
      name,
      class: deviceClass,
      provenance: 'replayed' as const,
    })),
  };
}

/** What one row says. */
export interface ReplayedRow {
  /** Epoch ms, as it was measured. */
  readonly timeMs: number;
  readonly messages: readonly {
    readonly deviceId: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

export type Row = Readonly<Record<string, string | undefined>>;

/** Reads row after row, adding up what accumulates. A row without a time is null; a cell without a number is no value. */
export function createRowReader(plan: ReplayPlan): (row: Row) => ReplayedRow | null {
  const clock = localClock(plan.time.form, plan.time.zone);
  const registers = new Map<string, number>();
  return (row) => {
    const timeMs = clock(row[plan.time.column]?.trim() ?? '');
    if (timeMs === null) return null;
    const messages = plan.devices.flatMap((device) => {
      const values = Object.fromEntries(
        device.values.flatMap((rule) => {
          const number = numberOf(row[rule.column], rule.texts);
          const unit = deviceClasses.get(device.class)?.metrics[rule.metric]?.unit;
          const converted =
            number === null || rule.unit === undefined || unit === undefined
              ? number
              : convert(number, rule.unit, unit);
          if (converted === null) return [];
          if (!rule.accumulate) return [[rule.metric, digits(converted, decimals)]];
          const key = `${device.id}.${rule.metric}`;
          const register = (registers.get(key) ?? 0) + converted;
          registers.set(key, register);
          return [[rule.metric, digits(register, decimals)]];
        }),
      );
      return Object.keys(values).length === 0 ? [] : [{ deviceId: device.id, values }];
    });
    return { timeMs, messages };
  };
}

const decimals = 6;

function numberOf(
  cell: string | undefined,
  texts: Readonly<Record<string, number>> | undefined,
): number | null {
  const text = cell?.trim() ?? '';
  if (texts !== undefined) return texts[text] ?? null;
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}
