import { startCctvFleet, type CctvFleet } from '#gateways/cctv/fleet.ts';
import { partLog } from '#infra/log.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { startProbeKeeper } from '#services/cctv/probe-keeper.ts';
import { startSavedCctv } from '#services/cctv/saved.ts';
import type { Context } from './context.ts';
import { openParkSecrets } from './secrets.ts';

/** The configured cameras and platforms are asked from now on, those of the file and those that people saved. */
export async function startCctvSide(context: Context, sink: ReadingSink): Promise<CctvFleet> {
  const { config, clock, lifecycle, database } = context;
  const log = partLog(context.log, 'cctv');
  const { db } = database;
  const box = await openParkSecrets(config);
  const saved = await lifecycle.start('saved cameras', () => startSavedCctv({ db, clock, log, box }));
  const { configFile: file, timeZone } = config;
  const fleet = await lifecycle.start('CCTV gateways', () =>
    startCctvFleet({ file, saved, sink, clock, log, timeZone }),
  );
  await lifecycle.start('states of cameras', () =>
    startProbeKeeper({ db, clock, log, cameras: () => fleet.cameras() }),
  );
  return fleet;
}
