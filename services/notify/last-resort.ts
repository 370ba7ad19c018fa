import type { Queryable } from '#infra/postgres.ts';
import { deliveryKey, insertDeliveries, type Claimed, type NewDelivery } from './delivery-store.ts';
import { hurryNotice, noticeState } from './notice-store.ts';
import type { Planning } from './planner.ts';
import { adminRecipients } from './recipients.ts';

/** Stands for "after all steps" in the key of a message. */
const lastStep = 99;

/**
 * A message was given up while somebody still has to act: the next step comes now, and where there is none, the
 * administrators are told, by other ways than the one that failed.
 */
export async function planAfterDead(
  client: Queryable,
  dead: readonly Claimed[],
  { book, nowMs }: Planning,
): Promise<void> {
  for (const delivery of dead) {
    const { noticeId, kind, message } = delivery;
    if (noticeId === null || kind === 'fallback' || kind === 'acknowledged' || kind === 'cleared') continue;
    const notice = await noticeState(client, noticeId);
    if (notice === undefined || notice.isEnded) continue;
    if (notice.hasNext) {
      await hurryNotice(client, noticeId, nowMs);
      continue;
    }
    const key = { transitionId: notice.transitionId, kind: 'fallback', step: lastStep, repeat: 0 } as const;
    const deliveries = adminRecipients(book, nowMs)
      .filter(({ channelId, username }) => `${channelId}/${username}` !== channelOf(delivery))
      .map(({ channelId, username, dueMs }): NewDelivery => ({
        key: deliveryKey({ ...key, username, channelId }),
        noticeId,
        channelId,
        username,
        digest: false,
        dueMs,
        message: { ...message, kind: 'fallback', people: [] },
      }));
    await insertDeliveries(client, deliveries, nowMs);
  }
}

function channelOf({ key, username }: Claimed): string {
  return `${key.split('/').at(-1)}/${username}`;
}
