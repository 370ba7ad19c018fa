import { z } from 'zod';
import type { alarmDetailSchema } from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Queryable } from '#infra/postgres.ts';
import { loadAlarm } from './alarm-store.ts';
import { loadJournal } from './transition-store.ts';

export const alarmParams = z.strictObject({
  id: z.string().regex(/^[1-9]\d{0,14}$/, 'an alarm id is a number'),
});

/** @throws ParkError not-found */
export async function readDetail(db: Queryable, id: number): Promise<z.infer<typeof alarmDetailSchema>> {
  const found = await loadAlarm(db, id);
  if (found === undefined) throw new ParkError('not-found', `There is no alarm ${id}`);
  return {
    ...found.alarm,
    ...found.rationale,
    recommendedAction: found.recommendedAction,
    recommendedActionEn: found.recommendedActionEn,
    journal: await loadJournal(db, id),
  };
}
