import type { BulkAct, BulkAnswer } from '#schemas/api/alarms.ts';
import { ParkError } from '#schemas/errors.ts';
import { assignAlarm, commentAlarm, confirmAlarm, shelveAlarm, unshelveAlarm } from './handling.ts';
import { acknowledgeAlarm, type AlarmDeps } from './service.ts';

/**
 * Does one thing with many alarms, each in a transaction of its own: what one of them refuses stops none of the
 * others, and is told.
 * @param request.ids those that somebody saw before; an id that comes twice counts once
 */
export async function actInBulk(
  deps: AlarmDeps,
  request: { readonly ids: readonly string[]; readonly what: BulkAct; readonly actor: string },
): Promise<BulkAnswer> {
  const answer: BulkAnswer = { done: [], failed: [] };
  for (const id of new Set(request.ids)) {
    try {
      await act(deps, { id: Number(id), actor: request.actor }, request.what);
      answer.done.push(id);
    } catch (error) {
      if (!(error instanceof ParkError)) throw error;
      answer.failed.push({ id, code: error.code, reason: error.message });
    }
  }
  return answer;
}

async function act(
  deps: AlarmDeps,
  who: { readonly id: number; readonly actor: string },
  what: BulkAct,
): Promise<void> {
  switch (what.act) {
    case 'acknowledge':
      await acknowledgeAlarm(deps, { ...who, comment: what.comment, onlyFirst: true });
      return;
    case 'comment':
      return commentAlarm(deps, { ...who, reason: what.comment });
    case 'confirm':
      return confirmAlarm(deps, { ...who, reason: what.comment });
    case 'assign':
      return assignAlarm(deps, { ...who, reason: what.reason }, what.assignee);
    case 'unshelve':
      return unshelveAlarm(deps, { ...who, reason: what.reason });
    case 'shelve': {
      const { oneShot, minutes, reason } = what;
      const forMs = minutes === undefined ? undefined : minutes * 60_000;
      return shelveAlarm(deps, { ...who, reason }, { oneShot, forMs });
    }
  }
}
