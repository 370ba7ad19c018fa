import type { Clock } from '#infra/clock.ts';
import { startLeader, type Leader } from '#infra/lease.ts';
import { partLog, type Log } from '#infra/log.ts';
import { startSealer } from './sealer.ts';

/** Stands by as the one sealer of the park, and seals while it leads. Every process that writes evidence may run it. */
export function startSealing(options: { databaseUrl: string; clock: Clock; log: Log }): Leader {
  const { databaseUrl, clock } = options;
  const log = partLog(options.log, 'sealer');
  return startLeader({
    role: 'sealer',
    databaseUrl,
    clock,
    log,
    lead: ({ db, fence }) => startSealer({ db, clock, log, fence }),
  });
}
