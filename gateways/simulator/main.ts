import { systemClock } from '#infra/clock.ts';
import type { Clock } from '#infra/clock.ts';
import { createLog, partLog } from '#infra/log.ts';
import type { Log } from '#infra/log.ts';
import { startAskedCameras } from './asked-cameras.ts';
import { camerasPark, startCameras } from './cameras.ts';
import { loadPark, startLoad } from './load.ts';
import { startMqttField } from './mqtt-field.ts';
import { startOpcuaField } from './opcua-field.ts';
import { progressLine, type BackfillProgress } from './backfill.ts';
import { help, readOptions } from './options.ts';
import type { SimulatorOptions } from './options.ts';
import { dayMs } from './calendar.ts';
import { planPark, simulatedPark } from './park.ts';
import { readyLine } from './ready.ts';
import { replayPark } from './replay-plan.ts';
import { planOf, startReplay } from './replay.ts';
import { createSampler } from './sampler.ts';
import { createWorld } from './world.ts';

/**
 * `parkwatch simulate`: runs until it is told to stop (SIGTERM, SIGINT, `--duration`, the end of standard input).
 * @returns the exit code
 * @throws ConfigError when an option is wrong
 */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  const clock = systemClock();
  if (options === null) {
    process.stdout.write(help);
    return 0;
  }
  if (options.printPark) {
    process.stdout.write(`${JSON.stringify(await printedPark(options, clock), null, 2)}\n`);
    return 0;
  }
  const log = partLog(
    createLog({ level: options.logLevel, pretty: process.stderr.isTTY, toStderr: true }),
    'simulator',
  );
  using stopped = stopRequest(options, clock);
  const running = await start(options, clock, log);
  await Promise.race([stopped.promise, ...(running.finished === undefined ? [] : [running.finished])]);
  await running[Symbol.asyncDispose]();
  process.stdout.write(`${JSON.stringify({ ready: false, ...running.counts() })}\n`);
  return 0;
}

interface Running extends AsyncDisposable {
  counts(): object;
  /** Of what ends by itself. */
  readonly finished?: Promise<void>;
}

function start(options: SimulatorOptions, clock: Clock, log: Log): Promise<Running> {
  if (options.replay !== null) return startFile(options, options.replay, { clock, log });
  if (options.cameras !== null) return startOnlyCameras(options, options.cameras, clock);
  return (options.load === null ? startPark : startPlainLoad)(options, clock, log);
}

async function startOnlyCameras(
  { stateDir }: SimulatorOptions,
  cameras: number,
  clock: Clock,
): Promise<Running> {
  const running = await startCameras({ cameras, stateDir, clock });
  process.stdout.write(`${readyLine(null)}\n`);
  process.stderr.write(`PARK_CONFIG_FILE=${running.configFile}\n`);
  return running;
}

async function startFile(
  { parkId, broker }: SimulatorOptions,
  replay: NonNullable<SimulatorOptions['replay']>,
  parts: { clock: Clock; log: Log },
): Promise<Running> {
  const running = await startReplay({ ...replay, ...parts, parkId, broker });
  process.stdout.write(`${readyLine(null)}\n`);
  return running;
}

async function printedPark(options: SimulatorOptions, clock: Clock): Promise<object> {
  const { load, seed, replay, cameras, copies, backfillDays } = options;
  if (replay !== null) return replayPark(await planOf(replay));
  if (cameras !== null) return camerasPark(cameras);
  if (load !== null) return loadPark(load.devices);
  // It has stood for as long as its boxes remember.
  const commissionedAt = new Date(clock.nowMs() - backfillDays * dayMs).toISOString();
  return simulatedPark({ seed, commissionedAt, copies });
}

async function startPark(options: SimulatorOptions, clock: Clock, log: Log): Promise<Running> {
  const plan = planPark(options.seed, options.copies);
  const world = createWorld(plan, options.timeZone);
  const samplers = plan.devices.map((device) => createSampler(device, world));
  const { stateDir, parkId, broker, backfillDays, opcuaPort } = options;
  await using started = new AsyncDisposableStack();
  const opcua =
    opcuaPort === null
      ? null
      : started.use(
          await startOpcuaField({
            world,
            samplers: samplers.filter(({ device }) => device.box === null),
            port: opcuaPort,
            stateDir,
            clock,
            log,
          }),
        );
  const mqtt = started.use(
    await startMqttField({
      world,
      samplers: samplers.filter(({ device }) => device.box !== null),
      parkId,
      broker,
      stateDir,
      backfillDays,
      backfillEveryMs: options.backfillEveryMs,
      onProgress: progressTeller(clock, log),
      clock,
      log,
    }),
  );
  const asked = started.use(await startAskedCameras({ stateDir, seed: options.seed, clock }));
  process.stdout.write(`${readyLine(opcua, asked.configFile)}\n`);
  log.info(
    { devices: plan.devices.length, broker: broker.url, opcua: opcua?.endpoint },
    'the simulated park is up',
  );
  const parts = started.move();
  return {
    counts: () => mqtt.counts(),
    ...(options.backfillOnly ? { finished: mqtt.caughtUp } : {}),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Every second on a terminal, in one line; every half minute in a log. */
function progressTeller(clock: Clock, log: Log): (progress: BackfillProgress) => void {
  const { isTTY } = process.stderr;
  let dueMs = 0;
  return (progress) => {
    if (clock.monotonicMs() < dueMs) return;
    dueMs = clock.monotonicMs() + (isTTY ? 1_000 : 30_000);
    const line = progressLine(progress);
    if (isTTY) process.stderr.write(`\r\u001B[K${line}`);
    else log.info({ through: new Date(progress.throughMs).toISOString() }, line);
  };
}

function startPlainLoad(options: SimulatorOptions, clock: Clock, log: Log): Promise<Running> {
  const { parkId, broker, load } = options;
  if (load === null) throw new Error('startPlainLoad() needs a load.');
  const running = startLoad({ ...load, parkId, broker, clock, log });
  process.stdout.write(`${readyLine(null)}\n`);
  let before = running.counts();
  const reporting = clock.every(reportEveryMs, () => {
    const now = running.counts();
    const perS = Math.round(((now.sentValues - before.sentValues) * 1000) / reportEveryMs);
    log.info({ ...now }, `${perS} values/s`);
    before = now;
  });
  return Promise.resolve({
    counts: () => running.counts(),
    async [Symbol.asyncDispose]() {
      reporting[Symbol.dispose]();
      await running[Symbol.asyncDispose]();
    },
  });
}

const reportEveryMs = 5_000;

/** Resolves once when anybody wants us to stop; disposing takes the listeners away. */
function stopRequest(
  options: SimulatorOptions,
  clock: Clock,
): Disposable & { readonly promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = () => resolve();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, listener);
  // Whoever read our lines may be gone before we are.
  process.stdout.on('error', listener);
  if (options.stopWithStdin) {
    process.stdin.on('end', listener).on('error', listener);
    process.stdin.resume();
  }
  const timer = options.durationS === undefined ? null : clock.after(options.durationS * 1000, listener);
  return {
    promise,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, listener);
      process.stdin.off('end', listener).off('error', listener);
      // An open standard input would keep the process.
      if (options.stopWithStdin) process.stdin.destroy();
      timer?.[Symbol.dispose]();
    },
  };
}
