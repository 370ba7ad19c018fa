import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { StoreDialect } from '#infra/migrate.ts';
import type { Database, Queryable } from '#infra/postgres.ts';
import { rawKeepBody, rawRetentionSchema, type RawRetention } from '#schemas/api/retention.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { ParkError } from '#schemas/errors.ts';
import { admins, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { readClassRates, readRawSize, type ClassRate, type RawSize } from './estimate-store.ts';
import { readKeeps, readOldestByClass, type RawKeep } from './keep-store.ts';
import { changeKeep } from './settings.ts';

export interface RetentionRouteDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly dialect: StoreDialect;
  readonly horizonDays: number;
}

const tags = ['ingest'];

/** How far back raw readings reach by class of devices, what they take of the disk, and who changes it. */
export function retentionRoutes(api: Api, deps: RetentionRouteDeps): void {
  api.get(
    '/raw-retention',
    {
      config: { access: everyone },
      schema: {
        summary: 'How far back raw readings are kept, and what they take of the disk by device class',
        tags,
        response: { 200: rawRetentionSchema },
      },
    },
    () => readRetention(deps, deps.db),
  );
  api.put(
    '/raw-retention/:class',
    {
      config: { access: admins },
      schema: {
        summary: 'Sets how long raw readings of a device class are kept, longer than all others',
        tags,
        params: z.strictObject({ class: z.string().max(64) }),
        body: rawKeepBody,
        response: { 200: rawRetentionSchema },
      },
    },
    async (request) => {
      const name = request.params.class;
      if (!deviceClasses.has(name)) throw new ParkError('not-found', `There is no device class ${name}.`);
      const { actor } = principalOf(request);
      const parts = {
        db: deps.db,
        nowMs: deps.clock.nowMs(),
        read: (client: Queryable) => readRetention(deps, client),
      };
      await changeKeep(parts, { ...request.body, class: name }, { actor, address: request.ip });
      return readRetention(deps, deps.db);
    },
  );
}

async function readRetention(
  { dialect, horizonDays }: RetentionRouteDeps,
  db: Queryable,
): Promise<RawRetention> {
  return estimate({
    horizonDays,
    dialect,
    size: await readRawSize(db, dialect, 'reading'),
    keptSize: await readRawSize(db, dialect, 'reading_kept'),
    rates: await readClassRates(db),
    keeps: await readKeeps(db),
    oldestMs: await readOldestByClass(db),
  });
}

/** The statistics of fewer rows say more of empty pages than of readings. */
const measurableRows = 10_000;

/** What each class will take once everything kept came at today's rate. Pure. */
export function estimate(facts: {
  readonly horizonDays: number;
  readonly dialect: StoreDialect;
  readonly size: RawSize;
  readonly keptSize: RawSize;
  readonly rates: readonly ClassRate[];
  readonly keeps: readonly RawKeep[];
  /** Since when copies of a class are there, epoch ms. */
  readonly oldestMs: ReadonlyMap<string, number>;
}): RawRetention {
  const { horizonDays, dialect, size, keptSize, rates, keeps, oldestMs } = facts;
  const bytesPerReading = size.rows < measurableRows ? null : size.bytes / size.rows;
  const keepOf = new Map(keeps.map((keep) => [keep.class, keep]));
  const known = new Set(rates.map((rate) => rate.class));
  const silent = keeps.filter((keep) => !known.has(keep.class));
  const all = [
    ...rates,
    ...silent.map((keep): ClassRate => ({ class: keep.class, points: 0, readingsPerDay: 0 })),
  ];
  const classes = all.map((rate) => {
    const keep = keepOf.get(rate.class);
    const days = Math.max(keep?.days ?? horizonDays, horizonDays);
    const sinceMs = oldestMs.get(rate.class);
    return {
      ...rate,
      days,
      keptSince: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
      setting:
        keep === undefined ? null : { author: keep.author, reason: keep.reason, at: keep.at.toISOString() },
      // The day beyond, and the one that runs.
      bytes: bytesPerReading === null ? null : rate.readingsPerDay * (days + 2) * bytesPerReading,
    };
  });
  return { horizonDays, dialect, bytes: size.bytes, keptBytes: keptSize.bytes, bytesPerReading, classes };
}
