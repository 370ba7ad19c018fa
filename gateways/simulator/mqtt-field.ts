import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import { commandTopic, fieldTopic } from '#schemas/topics.ts';
import { dayMs, hourMs } from './calendar.ts';
import { backfillMeter, type BackfillProgress } from './backfill.ts';
import { answerDoorCommand, takesCommands } from './door-commands.ts';
import type { FieldSpan } from './field.ts';
import { openOutbox } from './outbox.ts';
import type { Outbox } from './outbox.ts';
import { createSpeaker } from './speaker.ts';
import type { Speaker } from './speaker.ts';
import { readState, writeState } from './state.ts';
import type { SimulatorState } from './state.ts';
import type { Sampler, World } from './world.ts';

export interface MqttFieldOptions {
  readonly world: World;
  /** Of the devices that speak MQTT. */
  readonly samplers: readonly Sampler[];
  readonly parkId: string;
  readonly broker: {
    readonly url: string;
    readonly username: string | undefined;
    readonly password: string | undefined;
    readonly ca?: string | undefined;
    /** Passwords of boxes that have their own credential, by box. */
    readonly credentials?: Readonly<Record<string, string>> | undefined;
    readonly qos: 0 | 1;
  };
  readonly stateDir: string;
  /** How far back the boxes remember at their first start. */
  readonly backfillDays: number;
  /** How often they kept everything; then they hand it in as fast as it is taken. Absent: each group's own. */
  readonly backfillEveryMs?: number | undefined;
  /** Told how far the boxes are with what they remember. */
  readonly onProgress?: ((progress: BackfillProgress) => void) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface MqttField extends AsyncDisposable {
  /** Resolves when what the boxes remembered has been sent. */
  readonly caughtUp: Promise<void>;
  counts(): {
    readonly sentValues: number;
    readonly acknowledged: number;
    readonly waiting: number;
    readonly dropped: number;
  };
}

const tickMs = 500;
/** A longer silence is sent at the resolution of the buffer. */
const liveGapMs = 10 * 60_000;
const chunkMs = 6 * hourMs;
/** Of a box that kept little, so many times a device at once. */
const chunkValues = 16;
const backfillValuesPerS = 15_000;
/** Devices that speak of their past before the event loop gets a breath, and packets of all boxes that may wait. */
const speakersAtOnce = 20;
const breathMs = 2;
const packetsWaiting = 2_000;
const saveEveryMs = 10_000;
const stopDrainMs = 3_000;

/** Starts the gateway boxes of the park: first what they remember, in time order, then live. */
export async function startMqttField(options: MqttFieldOptions): Promise<MqttField> {
  const { world, clock, log } = options;
  const nowMs = clock.nowMs();
  const everyMs = options.backfillEveryMs ?? 0;
  const remembered = await readState(options.stateDir, options.parkId, world.plan.seed);
  const earliestMs = nowMs - options.backfillDays * dayMs;
  const state = {
    sentThroughMs: Math.min(nowMs, Math.max(remembered?.sentThroughMs ?? earliestMs, earliestMs)),
    sequence: new Map(Object.entries(remembered?.sequence ?? {})),
  };
  const sender = createSender(options, state.sequence);
  const abort = new AbortController();
  let snapshot: SimulatorState | null = null;
  const remember = (): void => {
    if (!sender.idle()) return;
    snapshot = {
      seed: world.plan.seed,
      sentThroughMs: state.sentThroughMs,
      sequence: Object.fromEntries(state.sequence),
    };
  };
  const save = async (): Promise<void> => {
    if (snapshot === null) return;
    await writeState(options.stateDir, options.parkId, snapshot).catch((error: unknown) => {
      // A box that cannot note how far it is goes on; after a restart it sends that much again.
      log.warn({ err: error }, 'the state file cannot be written');
    });
  };
  const advance = async (untilMs: number): Promise<void> => {
    if (untilMs - state.sentThroughMs > liveGapMs) {
      log.info({ from: new Date(state.sentThroughMs).toISOString() }, 'sending what the boxes remember');
    }
    const startMs = clock.monotonicMs();
    const progress = backfillMeter(state.sentThroughMs, untilMs);
    while (untilMs - state.sentThroughMs > liveGapMs) {
      const afterMs = state.sentThroughMs;
      const chunkEndMs = Math.min(untilMs, afterMs + Math.max(chunkMs, chunkValues * everyMs));
      await sender.sendBuffered({ afterMs, untilMs: chunkEndMs }, abort.signal, (share) =>
        options.onProgress?.(
          progress(afterMs + share * (chunkEndMs - afterMs), clock.monotonicMs() - startMs),
        ),
      );
      state.sentThroughMs = chunkEndMs;
      remember();
      await save();
    }
  };
  const live = async (): Promise<void> => {
    let savedAtMs = clock.nowMs();
    while (!abort.signal.aborted) {
      remember();
      if (clock.nowMs() - savedAtMs >= saveEveryMs) {
        savedAtMs = clock.nowMs();
        await save();
      }
      const untilMs = clock.nowMs();
      await advance(untilMs);
      if (untilMs > state.sentThroughMs) sender.sendLive({ afterMs: state.sentThroughMs, untilMs });
      state.sentThroughMs = Math.max(untilMs, state.sentThroughMs);
      await clock.sleep(tickMs, abort.signal);
    }
  };
  sender.sendStatus(nowMs);
  const caughtUp = advance(nowMs);
  const running = caughtUp.then(live).catch((error: unknown) => {
    if (!abort.signal.aborted) log.error({ err: error }, 'the gateway boxes stopped');
  });
  return {
    caughtUp,
    counts: sender.counts,
    async [Symbol.asyncDispose]() {
      abort.abort(new Error('the simulator stops'));
      await running;
      await sender.goOffline();
      remember();
      await save();
      await sender[Symbol.asyncDispose]();
    },
  };
}

interface Sender extends AsyncDisposable {
  sendStatus(timeMs: number): void;
  sendLive(span: FieldSpan): void;
  /** Sends a span at the boxes' own resolution and waits until the broker has all of it. */
  sendBuffered(span: FieldSpan, signal: AbortSignal, onShare: (share: number) => void): Promise<void>;
  goOffline(): Promise<void>;
  /** Nothing waits and nothing is held back. */
  idle(): boolean;
  counts: MqttField['counts'];
}

function createSender(options: MqttFieldOptions, sequence: Map<string, number>): Sender {
  const { world, parkId, clock } = options;
  const byBox = new Map<string, Speaker[]>();
  const byDoor = new Map<string, { readonly speaker: Speaker; readonly sampler: Sampler }>();
  const boxes = openBoxes(options, {
    onReconnect: (box) => byBox.get(box)?.forEach((speaker) => speaker.repeatStatus()),
    onCommand: (topic, payload) => {
      const door = byDoor.get(topic);
      if (door === undefined) return;
      const { sampler, speaker } = door;
      speaker.say(
        answerDoorCommand(payload, { sampler, key: world.keyOf(sampler.device.id), nowMs: clock.nowMs() }),
      );
    },
  });
  const speakers = options.samplers.flatMap((sampler): Speaker[] => {
    const { id, box } = sampler.device;
    const outbox = boxes.get(box ?? '');
    if (outbox === undefined) return [];
    const speaker = createSpeaker({
      sampler,
      key: world.keyOf(id),
      parkId,
      outbox,
      sequence,
      backfillEveryMs: options.backfillEveryMs,
    });
    if (takesCommands(sampler)) byDoor.set(commandTopic(parkId, id), { speaker, sampler });
    byBox.set(box ?? '', [...(byBox.get(box ?? '') ?? []), speaker]);
    return [speaker];
  });
  const outboxes = [...boxes.values()];
  const total = (of: (outbox: Outbox) => number) => outboxes.reduce((sum, outbox) => sum + of(outbox), 0);
  const sentValues = () => speakers.reduce((sum, speaker) => sum + speaker.sentValues, 0);
  const sendStatus = (timeMs: number): void => {
    for (const speaker of speakers) speaker.reportStatus(timeMs);
  };
  return {
    sendStatus,
    sendLive: (span) => {
      sendStatus(span.untilMs);
      for (const speaker of speakers) speaker.sendLive(span);
    },
    sendBuffered: async (span, signal, onShare) => {
      const startedMs = clock.monotonicMs();
      const before = sentValues();
      for (const [index, speaker] of speakers.entries()) {
        speaker.sendBuffered(span);
        if (index % speakersAtOnce > 0) continue;
        // Connections must be kept alive meanwhile, and memory bounded.
        do await clock.sleep(breathMs, signal);
        while (total(({ waiting }) => waiting) > packetsWaiting);
        onShare(index / speakers.length);
      }
      await Promise.all(outboxes.map((outbox) => outbox.drained(0, signal)));
      if (options.backfillEveryMs !== undefined) return;
      const dueMs = ((sentValues() - before) / backfillValuesPerS) * 1000;
      await clock.sleep(Math.max(0, dueMs - (clock.monotonicMs() - startedMs)), signal);
    },
    goOffline: async () => {
      for (const speaker of speakers) {
        speaker.releaseHeld();
        speaker.reportStatus(clock.nowMs(), 'offline');
      }
      const late = new AbortController();
      using _ = clock.after(stopDrainMs, () => late.abort(new Error('the broker does not answer')));
      await Promise.allSettled(outboxes.map((outbox) => outbox.drained(0, late.signal)));
    },
    idle: () => total(({ waiting }) => waiting) === 0 && speakers.every(({ holds }) => !holds),
    counts: () => ({
      sentValues: sentValues(),
      acknowledged: total((outbox) => outbox.acknowledged),
      waiting: total((outbox) => outbox.waiting),
      dropped: total((outbox) => outbox.dropped),
    }),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(outboxes.map((outbox) => outbox[Symbol.asyncDispose]()));
    },
  };
}

/** One connection per gateway box; the box's last will tells that it is gone. */
function openBoxes(
  { samplers, parkId, broker, log }: MqttFieldOptions,
  heard: {
    onReconnect(box: string): void;
    onCommand(topic: string, payload: string): void;
  },
): Map<string, Outbox> {
  const ids = new Set(samplers.flatMap(({ device }) => device.box ?? []));
  return new Map(
    [...ids].map((id) => {
      const topic = fieldTopic(parkId, id, 'status');
      const online = { topic, payload: 'online', retain: true };
      const will = { topic, payload: 'offline', retain: true };
      const clientId = `${parkId}-${id}`;
      const own = broker.credentials?.[id];
      const outbox = openOutbox({
        ...broker,
        ...(own === undefined ? {} : { username: id, password: own }),
        clientId,
        will,
        greeting: [online],
        listens: {
          topics: samplers
            .filter((sampler) => sampler.device.box === id && takesCommands(sampler))
            .map(({ device }) => commandTopic(parkId, device.id)),
          onMessage: (commanded, payload) => heard.onCommand(commanded, payload),
        },
        onReconnect: () => heard.onReconnect(id),
        log,
      });
      return [id, outbox] as const;
    }),
  );
}
