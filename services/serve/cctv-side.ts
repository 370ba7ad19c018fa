import { startCctvFleet, type CctvFleet } from '#gateways/cctv/fleet.ts';
import { testGroup } from '#gateways/cctv/test-group.ts';
import { createAsker, startAnswering } from '#infra/bus-call.ts';
import { partLog } from '#infra/log.ts';
import { startNameLeases } from '#infra/name-leases.ts';
import { cctvTestLimits, type CctvDesk } from '#schemas/api/cctv.ts';
import { cctvSchema } from '#schemas/cctv.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { answeringCctvDesk, askedCctvDesk, cctvService } from '#services/cctv/desk-call.ts';
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
  const leases = await lifecycle.start('CCTV leases', () =>
    startNameLeases({ db, clock, log, kind: 'cctv' }),
  );
  const fleet = await lifecycle.start('CCTV gateways', () =>
    startCctvFleet({ file, saved, sink, clock, log, timeZone, leases }),
  );
  await lifecycle.start('states of cameras', () =>
    startProbeKeeper({ db, clock, log, cameras: () => fleet.cameras() }),
  );
  const desk: CctvDesk = {
    test: (definition) => testGroup(cctvSchema.parse(definition), { clock, log, timeZone }),
  };
  const { bus } = context;
  const answering = startAnswering({
    bus,
    box,
    service: cctvService,
    log,
    answer: answeringCctvDesk(desk),
  });
  await lifecycle.start('desk of cameras', () => ({
    [Symbol.asyncDispose]: () => Promise.resolve(answering[Symbol.dispose]()),
  }));
  return fleet;
}

/** The gateways' desk, for a process that answers people. */
export async function askCctv({ config, bus, clock }: Context): Promise<CctvDesk> {
  const box = await openParkSecrets(config);
  const deadlineMs = cctvTestLimits.deadlineMs + 2_000;
  return askedCctvDesk(createAsker({ bus, box, service: cctvService, clock, deadlineMs }));
}
