import type { StoreDialect } from '#infra/migrate.ts';
import type { Queryable } from '#infra/postgres.ts';
import { rawRetentionSchema, type RawRetention } from '#schemas/api/retention.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { readClassRates, readRawSize, type ClassRate, type RawSize } from './estimate-store.ts';

export interface RetentionRouteDeps {
  readonly db: Queryable;
  readonly dialect: StoreDialect;
  readonly horizonDays: number;
}

/** How far back raw readings reach, and what each class of devices takes of the disk. */
export function retentionRoutes(api: Api, { db, dialect, horizonDays }: RetentionRouteDeps): void {
  api.get(
    '/raw-retention',
    {
      config: { access: everyone },
      schema: {
        summary: 'How far back raw readings are kept, and what they take of the disk by device class',
        tags: ['ingest'],
        response: { 200: rawRetentionSchema },
      },
    },
    async () => {
      const size = await readRawSize(db, dialect);
      return estimate({ horizonDays, dialect, size, rates: await readClassRates(db) });
    },
  );
}

/** The statistics of fewer rows say more of empty pages than of readings. */
const measurableRows = 10_000;

/** What each class will take once everything kept came at today's rate. Pure. */
export function estimate(facts: {
  readonly horizonDays: number;
  readonly dialect: StoreDialect;
  readonly size: RawSize;
  readonly rates: readonly ClassRate[];
}): RawRetention {
  const { horizonDays, dialect, size, rates } = facts;
  const bytesPerReading = size.rows < measurableRows ? null : size.bytes / size.rows;
  // The day beyond the horizon, and the one that runs.
  const keptDays = horizonDays + 2;
  const classes = rates.map((rate) => ({
    ...rate,
    bytes: bytesPerReading === null ? null : rate.readingsPerDay * keptDays * bytesPerReading,
  }));
  return { horizonDays, dialect, bytes: size.bytes, bytesPerReading, classes };
}
