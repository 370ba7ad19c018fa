import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { startLeader, type Leader } from '#infra/lease.ts';
import type { Log } from '#infra/log.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import type { AddressGuard } from './address-guard.ts';
import { startNotifier } from './notifier.ts';
import type { Letterhead } from './words.ts';

/** Stands by for the role `notify` and tells people while it leads. */
export function startNotify(options: {
  readonly databaseUrl: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly wallClock: WallClock;
  readonly box: SecretBox;
  readonly guard: AddressGuard;
  readonly letterhead: Letterhead;
}): Leader {
  return startLeader({
    ...options,
    role: 'notify',
    lead: ({ db, fence }) => startNotifier({ ...options, db, fence }),
  });
}
