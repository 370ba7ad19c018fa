import type { Clock } from '#infra/clock.ts';
import { channelBodySchema } from '#schemas/notify.ts';
import { createAddressGuard } from '#services/notify/address-guard.ts';
import type { Ground, OpenChannel, Outgoing } from '#services/notify/channels/channel.ts';
import type { Rendered } from '#services/notify/render.ts';

/** A channel with its secrets. */
export function openChannel(config: object, secrets: OpenChannel['secrets'] = {}): OpenChannel {
  return { body: channelBodySchema.parse({ id: 'c', name: 'C', config }), secrets };
}

export function outgoing(message: Partial<Rendered> = {}, address: string | null = null): Outgoing {
  const base = {
    severity: 'high',
    title: 'Title',
    text: 'Text',
    html: '<p>Text</p>',
    data: { type: 'alarm.raised' },
    mentions: [],
  } as const;
  return { key: '7/raised/0.0//c', address, message: { ...base, ...message } };
}

/** Loopback is allowed: the recorded endpoints stand there. */
export function ground(clock: Clock, allowed: readonly string[] = ['127.0.0.0/8']): Ground {
  const push = { keys: { publicKey: '', privateKey: '' }, subject: 'mailto:a@b.invalid' };
  return { clock, guard: createAddressGuard(allowed), timeoutMs: 10_000, push };
}
