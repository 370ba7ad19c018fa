import { randomUUID } from 'node:crypto';
import { plainReason, type AlarmFacts } from '#schemas/alarm-facts.ts';
import type { AlarmTransition } from '#schemas/alarm.ts';
import { ParkError } from '#schemas/errors.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type DatabaseClient } from '#infra/postgres.ts';
import { canBeAssigned, lockAlarm, setAssignee, setConfirmed, type LockedAlarm } from './alarm-store.ts';
import { decideShelve, type ShelveRequest } from './hold.ts';
import { deleteHold, putHold } from './hold-store.ts';
import type { AlarmDeps } from './service.ts';
import { appendTransitions } from './transition-store.ts';

/** Who does something with which alarm, and why. */
export interface Handling {
  readonly id: number;
  readonly actor: string;
  readonly reason: string;
}

type Kind = AlarmTransition['kind'];

/** What is told of an act besides its kind. */
interface Act {
  readonly kind: Kind;
  /** The reason as the journal keeps it. */
  readonly told: string;
  /** What it says besides the person's words. */
  readonly facts?: AlarmFacts;
}

/**
 * One act on one alarm in one transaction: its effect, its journal row, its audit row; then the bus.
 * @throws ParkError not-found, and what `act` throws
 */
async function handle(
  deps: AlarmDeps,
  handling: Handling,
  act: (client: DatabaseClient, alarm: LockedAlarm, nowMs: number) => Promise<Act>,
): Promise<void> {
  const { id, actor, reason } = handling;
  const transitions = await transaction(deps.db, async (client) => {
    const alarm = await lockAlarm(client, id);
    if (alarm === undefined) throw new ParkError('not-found', `There is no alarm ${id}`);
    const nowMs = deps.clock.nowMs();
    const { kind, told, facts } = await act(client, alarm, nowMs);
    await appendAudit(client, { actor, action: `alarm.${kind}`, object: `alarm:${id}`, reason });
    const row = {
      alarmId: id,
      kind,
      key: randomUUID(),
      timeMs: nowMs,
      actor,
      reason: told,
      ...(facts === undefined ? {} : { facts }),
      value: null,
    };
    return appendTransitions(client, [row]);
  });
  for (const transition of transitions) deps.bus.publish('alarm', transition);
}

/** Says something about an alarm, acknowledged or not. */
export function commentAlarm(deps: AlarmDeps, handling: Handling): Promise<void> {
  return handle(deps, handling, () => Promise.resolve({ kind: 'commented', told: handling.reason }));
}

/**
 * Gives an alarm to somebody who may handle it, or to nobody.
 * @throws ParkError not-found, invalid-request (no such user, disabled, or not one who handles alarms)
 */
export function assignAlarm(deps: AlarmDeps, handling: Handling, assignee: string | null): Promise<void> {
  return handle(deps, handling, async (client) => {
    if (assignee !== null && !(await canBeAssigned(client, assignee))) {
      const message = `${assignee} is no user who handles alarms`;
      throw new ParkError('invalid-request', message, [{ path: '/assignee', message }]);
    }
    await setAssignee(client, handling.id, assignee);
    const facts = { code: 'assigned', to: assignee, why: handling.reason } as const;
    return { kind: 'assigned', told: plainReason(facts), facts };
  });
}

/**
 * Says that what an alarm asked for was done, where its rule wants to be told.
 * @throws ParkError not-found, conflict (the rule does not ask, nobody has acknowledged, somebody has confirmed)
 */
export function confirmAlarm(deps: AlarmDeps, handling: Handling): Promise<void> {
  return handle(deps, handling, async (client, alarm, nowMs) => {
    const { id, actor, reason } = handling;
    if (!alarm.confirmRequired)
      throw new ParkError('conflict', `The rule of alarm ${id} asks for no confirmation`);
    if (alarm.acknowledgedBy === null) throw new ParkError('conflict', `Alarm ${id} is not acknowledged yet`);
    if (alarm.confirmedBy !== null) {
      throw new ParkError('conflict', `Alarm ${id} was confirmed by ${alarm.confirmedBy}`);
    }
    await setConfirmed(client, { id, atMs: nowMs, actor });
    return { kind: 'confirmed', told: reason };
  });
}

/**
 * Takes an alarm out of the operators' list for a time that ends by itself; later occurrences of the same rule at the
 * same point too, unless it is for this one only.
 * @throws ParkError not-found, conflict (cleared), invalid-request (longer than its severity allows)
 */
export function shelveAlarm(deps: AlarmDeps, handling: Handling, request: ShelveRequest): Promise<void> {
  return handle(deps, handling, async (client, alarm, nowMs) => {
    const decision = decideShelve(alarm, request, nowMs);
    if (decision.kind === 'refused') {
      const code = request.oneShot && !alarm.active ? 'conflict' : 'invalid-request';
      throw new ParkError(code, decision.reason);
    }
    const { ruleId, object } = alarm;
    const { actor, reason } = handling;
    const { oneShot } = request;
    const { untilMs } = decision;
    const hold = { ruleId, object, alarmId: alarm.id, oneShot, sinceMs: nowMs, untilMs, actor, reason };
    await putHold(client, { ...hold, kind: 'shelved' });
    const facts = { code: 'shelved-until', until: new Date(untilMs).toISOString(), why: reason } as const;
    return { kind: 'shelved', told: plainReason(facts), facts };
  });
}

/** @throws ParkError not-found, conflict (it is not shelved) */
export function unshelveAlarm(deps: AlarmDeps, handling: Handling): Promise<void> {
  return handle(deps, handling, async (client, alarm, nowMs) => {
    if (!(await deleteHold(client, { ...alarm, kind: 'shelved' }, nowMs))) {
      throw new ParkError('conflict', `Alarm ${handling.id} is not shelved`);
    }
    return { kind: 'unshelved', told: handling.reason };
  });
}

/** Takes a rule at a point out of service until somebody ends it: what is repaired raises nothing to act on. */
export function takeOutOfService(deps: AlarmDeps, handling: Handling): Promise<void> {
  return handle(deps, handling, async (client, alarm, nowMs) => {
    const { ruleId, object } = alarm;
    const { actor, reason } = handling;
    const hold = {
      ruleId,
      object,
      alarmId: alarm.id,
      oneShot: false,
      sinceMs: nowMs,
      untilMs: null,
      actor,
      reason,
    };
    await putHold(client, { ...hold, kind: 'out-of-service' });
    return { kind: 'out-of-service', told: reason };
  });
}

/** @throws ParkError not-found, conflict (it is in service) */
export function returnToService(deps: AlarmDeps, handling: Handling): Promise<void> {
  return handle(deps, handling, async (client, alarm, nowMs) => {
    if (!(await deleteHold(client, { ...alarm, kind: 'out-of-service' }, nowMs))) {
      throw new ParkError('conflict', `Alarm ${handling.id} is not out of service`);
    }
    return { kind: 'in-service', told: handling.reason };
  });
}
