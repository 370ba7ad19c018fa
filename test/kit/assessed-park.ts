import { createBus } from '#infra/bus.ts';
import { silentLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { AssessmentRun } from '#services/assessment/assess.ts';
import { startSealer } from '#services/sealing/sealer.ts';
import type { Signer } from '#services/sealing/signing.ts';
import type { FakeClock } from './clock.ts';
import { until } from './events.ts';
import { coverReadings, insertDevices, insertReadings } from './park-rows.ts';

/** Two complete local days in Shanghai, ending where the default fake clock stands on the third (08:00). */
export const assessedPeriod = { from: '2026-01-02T16:00:00.000Z', to: '2026-01-04T16:00:00.000Z' };
const long = '2025-01-01T00:00:00Z';

/**
 * A small park with two days of readings: three meters read remotely of four, two cameras (33 days the shortest), a
 * station that watches air and noise but no water, and a board that showed both.
 */
export async function insertAssessedPark(db: Database): Promise<void> {
  await coverReadings(db, { from: '2026-01-01', to: '2026-01-05' });
  await insertDevices(db, [
    { id: 'w-1', class: 'water-meter', from: long },
    { id: 'w-2', class: 'water-meter', from: long },
    { id: 'e-1', class: 'energy-meter', from: long, provenance: 'simulated' },
    { id: 'g-1', class: 'gas-meter', from: long },
    { id: 'c-1', class: 'camera', from: long },
    { id: 'c-2', class: 'camera', from: long },
    { id: 's-1', class: 'environment-station', from: long },
  ]);
  // An hour earlier too: the system watched before the period began.
  const span = { from: '2026-01-02T15:00:00Z', to: assessedPeriod.to };
  const hourly = { ...span, everyS: 3_600 };
  await insertReadings(db, { device: 'w-1', metric: 'volume', ...hourly });
  await insertReadings(db, { device: 'e-1', metric: 'active_energy_import', ...hourly });
  await insertReadings(db, { device: 'g-1', metric: 'volume', ...hourly });
  await insertReadings(db, { device: 'c-1', metric: 'oldest_recording_age', ...hourly, value: 40 * 86_400 });
  await insertReadings(db, { device: 'c-2', metric: 'oldest_recording_age', ...hourly, value: 33 * 86_400 });
  await insertReadings(db, { device: 's-1', metric: 'pm25', ...span, everyS: 60, value: 35 });
  await insertReadings(db, { device: 's-1', metric: 'noise_leq', ...span, everyS: 60, value: 55 });
  await db.query(
    `insert into board_serving (minute, medium, servings, newest_time)
     select '2026-01-03T02:00Z', medium, 4, '2026-01-03T01:59Z' from unnest(array['air', 'noise']) medium`,
  );
}

/** The items that the park's readings were made for; the others would only be more of the same. */
const assessedMeasures = ['remote-metering', 'video-retention', 'environment-monitoring'];

/** A run of those three items alone. */
export function assessedPart(run: AssessmentRun): AssessmentRun {
  return {
    ...run,
    measured: run.measured.filter(({ item }) => assessedMeasures.includes(item.measure ?? '')),
  };
}

/** Seals everything that is not; rows wait while any older transaction of the server is open. */
export async function sealAll(db: Database, clock: FakeClock): Promise<void> {
  await using sealer = startSealer({ db, clock, log: silentLog(), fence: async () => {} });
  await until(async () => {
    await sealer.seal();
    const { rowCount } = await db.query('select 1 from journal where seq is null limit 1');
    return rowCount === 0;
  }, 'everything to be sealed');
}

export const assessmentDeps = (deps: { db: Database; clock: FakeClock; signer: Signer }) => ({
  ...deps,
  bus: createBus((error) => {
    throw error;
  }),
  parkId: 'demo',
  timeZone: 'Asia/Shanghai',
  program: '0.0.0-test',
});
