import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import type { AddressGuard } from './address-guard.ts';
import { sendEmail } from './channels/email.ts';
import { openChannel } from './open-channel.ts';
import { loadBook } from './setting-store.ts';

const attemptMs = 10_000;

export interface MailGround {
  readonly db: Database;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly guard: AddressGuard;
  readonly timeZone: string;
}

/**
 * Sends one letter at once by the first channel for e-mail, and keeps nothing of it: for what must not lie in the delivery log,
 * such as a link that opens an account.
 * @returns false when no channel is set up, or the server did not take it
 */
export async function sendMail(
  ground: MailGround,
  mail: { readonly to: string; readonly title: string; readonly text: string },
): Promise<boolean> {
  const { db, clock, box, guard, timeZone } = ground;
  const book = await loadBook(db, wallClock(timeZone), clock.nowMs());
  const channel = [...book.channels.values()].find(
    ({ config, enabled }) => enabled && config.kind === 'email',
  );
  if (channel === undefined) return false;
  const { to, title, text } = mail;
  const message = { severity: 'low', title, text, html: '', data: {}, mentions: [] } as const;
  const outgoing = { key: `mail/${clock.nowMs()}`, address: to, message };
  const opened = await openChannel({ db, box }, channel);
  const { outcome } = await sendEmail(opened, outgoing, { clock, guard, timeoutMs: attemptMs });
  return outcome === 'delivered';
}
