import { createECDH } from 'node:crypto';
import webPush from 'web-push';
import type { SecretBox } from '#infra/secret-box.ts';
import type { PushAddress } from '#schemas/notify.ts';
import type { Rendered } from '../render.ts';
import type { Attempt, Ground, Outgoing, Send } from './channel.ts';
import { outcomeOf } from './http-outcome.ts';
import { call } from './http-request.ts';

/** How this park signs what it sends to push services (VAPID, RFC 8292); base64url. */
export interface PushKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The same for every process of a park, and after every restart: browsers subscribe to one key. */
export function pushKeys(box: SecretBox): PushKeys {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(box.derive('web push'));
  return {
    publicKey: curve.getPublicKey().toString('base64url'),
    privateKey: curve.getPrivateKey().toString('base64url'),
  };
}

/** How long a push service keeps what a browser that is off has not taken, s: as long as we would try. */
const keptS = 86_400;
/** What a push service takes is 4 KB with everything around it. */
const textLength = 600;
/** Statuses that say that the browser has unsubscribed. */
const goneStatuses: ReadonlySet<number> = new Set([404, 410]);

/** What the console's worker shows; where it leads is a path of the console. */
export function pushPayload(key: string, { title, text, severity, data }: Rendered): string {
  const alarm = data['alarm'] as { readonly id: string } | null;
  const lines = text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '' && !line.includes('://'));
  return JSON.stringify({
    key,
    title,
    body: lines.join('\n').slice(0, textLength),
    severity,
    path: alarm === null ? '/alarms' : `/alarms?state=all&alarm=${alarm.id}`,
  });
}

/** To every browser of a person; taken when one has taken it, final when all of them are gone. */
export const sendPush: Send = async (channel, outgoing, ground) => {
  const { browsers = [] } = outgoing;
  const sent = await Promise.all(
    browsers.map(async (browser) => ({
      browser,
      attempt: await sendTo(browser, { outgoing, ground, channel }),
    })),
  );
  const gone = sent.filter(({ attempt }) => goneStatuses.has(Number(attempt.code)));
  const told = { gone: gone.map(({ browser }) => browser.endpoint) };
  const taken = sent.find(({ attempt }) => attempt.outcome === 'delivered');
  if (taken !== undefined) return { ...taken.attempt, ...told };
  const again = sent.find((each) => !gone.includes(each));
  if (again !== undefined) return { ...again.attempt, ...told };
  return { outcome: 'refused', code: 'no-browser', excerpt: 'no browser is subscribed any more', ...told };
};

async function sendTo(
  { endpoint, p256dh, auth }: PushAddress,
  { outgoing, ground, channel }: { outgoing: Outgoing; ground: Ground; channel: Parameters<Send>[0] },
): Promise<Attempt> {
  const { keys, subject } = ground.push;
  const { key, message } = outgoing;
  const details = webPush.generateRequestDetails(
    { endpoint, keys: { p256dh, auth } },
    pushPayload(key, message),
    {
      vapidDetails: { subject, ...keys },
      TTL: keptS,
      urgency: message.severity === 'critical' || message.severity === 'high' ? 'high' : 'normal',
    },
  );
  const headers = Object.fromEntries(
    Object.entries(details.headers)
      // What is sent says how long it is.
      .filter(([name]) => name.toLowerCase() !== 'content-length'),
  );
  return outcomeOf(
    await call({ url: endpoint, method: 'POST', headers, body: details.body ?? '' }, ground),
    channel,
  );
}
