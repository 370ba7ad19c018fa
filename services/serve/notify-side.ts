import type { Config } from '#infra/config.ts';
import { partLog } from '#infra/log.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { createAddressGuard, type AddressGuard } from '#services/notify/address-guard.ts';
import { startNotify } from '#services/notify/notify.ts';
import type { Letterhead } from '#services/notify/words.ts';
import type { Context } from './context.ts';
import { openParkSecrets } from './secrets.ts';

/** What planning, sending and the pages of notification share. */
export interface NotifyGround {
  readonly box: SecretBox;
  readonly guard: AddressGuard;
  readonly letterhead: Letterhead;
}

/** @throws ConfigError when SECRET_KEY_FILE holds no key */
export async function openNotifyGround(config: Config): Promise<NotifyGround> {
  const box = await openParkSecrets(config);
  const letterhead = { park: config.parkId, base: baseOf(config), ackKey: box.derive('acknowledging link') };
  return { box, guard: createAddressGuard(config.notifyNetworks), letterhead };
}

/** Where links in messages lead. */
function baseOf({ http }: Config): string {
  if (http.publicUrl !== undefined) return http.publicUrl.replace(/\/+$/, '');
  const host = http.host.includes(':') ? `[${http.host}]` : http.host;
  return `${http.tls === undefined ? 'http' : 'https'}://${host}:${http.port}`;
}

export async function startNotifySide(context: Context): Promise<void> {
  const { config, clock, bus, database, lifecycle } = context;
  const ground = await openNotifyGround(config);
  await lifecycle.start('notify', () =>
    startNotify({
      ...ground,
      databaseUrl: database.url,
      bus,
      clock,
      log: partLog(context.log, 'notify'),
      wallClock: wallClock(config.timeZone),
    }),
  );
}
