import type { Alarm } from '#schemas/api/alarms.ts';
import type { Handover, HandoverState, ToldAlarm } from '#schemas/api/handover.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import type { LocalCalendar } from '#schemas/local-time.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Queryable } from '#infra/postgres.ts';
import { previewBulk, type AlarmFilter } from './alarm-store.ts';
import { listFloods } from './flood-store.ts';
import { acceptHandover, insertHandover, lockHandover } from './handover-store.ts';
import { occurrenceAt } from './maintenance.ts';
import { listMaintenance } from './maintenance-store.ts';
import type { AlarmDeps } from './service.ts';

/** Alarms of each list that are told with a hand-over. */
const toldMost = 200;

/** How the alarms stand now, as a shift hands them over. */
export async function readHandoverState(
  db: Queryable,
  calendar: LocalCalendar,
  nowMs: number,
): Promise<HandoverState> {
  const list = async (state: AlarmFilter['state']) => {
    const { count, alarms } = await previewBulk(db, { state, act: 'comment', limit: toldMost });
    return { count, items: alarms.map(toTold) };
  };
  const windows = await listMaintenance(db, { currentAtMs: nowMs, before: null, limit: limits.listLimit });
  const floods = await listFloods(db, limits.listLimit);
  const active = await previewBulk(db, { state: 'active', act: 'comment', limit: limits.listLimit });
  return {
    at: new Date(nowMs).toISOString(),
    open: await list('open'),
    shelved: await list('shelved'),
    outOfService: await list('out-of-service'),
    suppressed: { count: active.alarms.filter((alarm) => alarm.suppressed !== null).length },
    maintenance: windows.flatMap(({ id, name, reason, schedule }) => {
      const occurrence = occurrenceAt(schedule, calendar, nowMs);
      if (occurrence === null || occurrence.fromMs > nowMs) return [];
      return [{ id, name, reason, until: new Date(occurrence.toMs).toISOString() }];
    }),
    floods: floods
      .filter((flood) => flood.endedAt === null)
      .map(({ position, beganAt, announced }) => ({ position, beganAt, announced })),
  };
}

function toTold(alarm: Alarm): ToldAlarm {
  const { shelved, outOfService, id, severity, ruleName, ruleNameEn, deviceId, deviceName, spaceName } =
    alarm;
  const { active, acknowledged, assignee, raisedAt } = alarm;
  const what = { id, severity, ruleName, ruleNameEn, deviceId, deviceName, spaceName };
  return {
    ...what,
    active,
    acknowledged,
    assignee,
    raisedAt,
    reason: shelved?.reason ?? outOfService?.reason ?? null,
    until: shelved?.until ?? null,
  };
}

/** Signs as who leaves: what the person tells, and how the alarms stand at this moment. */
export function signHandover(
  { db, clock }: AlarmDeps,
  signed: { readonly notes: Handover['notes']; readonly actor: string; readonly calendar: LocalCalendar },
): Promise<Handover> {
  const { notes, actor, calendar } = signed;
  return transaction(db, async (client) => {
    const atMs = clock.nowMs();
    const state = await readHandoverState(client, calendar, atMs);
    const handover = await insertHandover(client, { atMs, actor, notes, state });
    const object = `handover:${handover.id}`;
    await appendAudit(client, { actor, action: 'handover.sign', object, after: { notes, state } });
    return handover;
  });
}

/**
 * Signs as who comes.
 * @throws ParkError not-found, conflict (the same person, or somebody has accepted)
 */
export function takeHandover(
  { db, clock }: AlarmDeps,
  taken: { readonly id: number; readonly actor: string; readonly comment: string },
): Promise<Handover> {
  const { id, actor, comment } = taken;
  return transaction(db, async (client) => {
    const handover = await lockHandover(client, id);
    if (handover === undefined) throw new ParkError('not-found', `There is no hand-over ${id}`);
    if (handover.acceptedBy !== null) {
      throw new ParkError('conflict', `Hand-over ${id} was accepted by ${handover.acceptedBy}`);
    }
    if (handover.signedBy === actor) {
      throw new ParkError('conflict', `Hand-over ${id} is accepted by another person than who signed it`);
    }
    const accepted = await acceptHandover(client, { id, atMs: clock.nowMs(), actor, comment });
    await appendAudit(client, {
      actor,
      action: 'handover.accept',
      object: `handover:${id}`,
      reason: comment,
    });
    return accepted;
  });
}
