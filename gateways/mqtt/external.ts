import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import type { Clock } from '#infra/clock.ts';
import type { MqttConfig } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';
import { backOff, externalClientOptions, withoutCredentials } from '#infra/mqtt-client.ts';
import { inEnglish, say, sayText, type Phrase } from '#schemas/phrases.ts';
import { canaryTopic, fieldFilter } from '#schemas/topics.ts';
import { shapeSubscriptions, type Subscriptions, type Wanted } from './subscriptions.ts';
import { createCanary } from './canary.ts';
import { deferAcknowledgements } from './deferred-ack.ts';
import type { FieldSide } from './field-side.ts';
import type { Intake } from './intake.ts';

/** Limits of the connection to an external broker. */
export const externalLimits = {
  keepaliveS: 30,
  /** How long the broker keeps what was published while we were away. */
  sessionExpiryS: 86_400,
  /** QoS 1 packets that the broker may send before we have acknowledged the first of them. */
  receiveMaximum: 2_000,
  /** As often as a broker with our settings writes its state: what a kill costs it is at least about one canary. */
  canaryIntervalMs: 1_000,
  /** For a polite goodbye; then the connection is cut. */
  endTimeoutMs: 2_000,
} as const;

/** What the broker's session is subscribed to, kept over restarts. */
export interface SessionMemory {
  last(): readonly string[];
  keep(filters: readonly string[]): void;
}

export interface ExternalOptions {
  readonly config: MqttConfig;
  readonly url: string;
  readonly parkId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly intake: Intake;
  /** Makes the client id `parkwatch-{parkId}-{name}-{instance}`, stable over restarts. */
  readonly identity: { readonly name: string; readonly instance: number };
  /** What to subscribe to, beside the canary. */
  readonly wanted: () => Wanted;
  /** The name of the group that divides the load, where subscriptions are shared (`config.shared`). */
  readonly group: string;
  /** Calls its listener when the filters are others; disposed of with the side. */
  readonly onFiltersChanged?: ((listener: () => void) => Disposable) | undefined;
  /** Whether the broker held a session of ours when we were last stopped; that it has none any more is then a loss. */
  readonly hadSession?: boolean | undefined;
  /** Needed where the filters may be others after a restart. */
  readonly memory?: SessionMemory | undefined;
}

/** The way in when the broker is somebody else's: an MQTT 5 client with a session of its own and deferred PUBACKs. */
export function startExternalSide(options: ExternalOptions): FieldSide {
  const { clock, log, intake } = options;
  const broker = withoutCredentials(options.url);
  const self = identify(options);
  const canary = createCanary(`${clock.nowMs()}-${Math.random()}`);
  let trouble: Phrase | null = say('not-connected-yet');
  let expectsSession = options.hadSession ?? false;
  let sessionsLost = 0;
  /** The broker has confirmed our subscriptions on this connection. */
  let subscribed = false;

  const client = connect(options.url, clientOptions(options, self.clientId));
  const acks = deferAcknowledgements(client, async ({ topic, payload, qos }) => {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (topic === self.canaryTopic) return canary.received(bytes.toString(), clock.nowMs());
    await intake.receive({ topic, bytes, unacknowledged: qos === 0 });
  });
  const shortLived = backOff(client, clock);
  const sender = connectSender(options, self.clientId);
  const chirp = () => {
    if (!subscribed || !sender.connected) return;
    sender.publish(self.canaryTopic, canary.next(clock.nowMs()), { qos: 1 }, () => undefined);
  };
  const shape = () =>
    shapeSubscriptions(options.wanted(), { name: options.group, shared: options.config.shared });
  /** What the session may be subscribed to: also what is only remembered, and the form that is not used now. */
  let held: readonly string[] = [...(options.memory?.last() ?? []), ...shape().former];
  const hold = (filters: readonly string[]) => {
    held = [...new Set(filters)];
    options.memory?.keep(held);
  };
  const subscribeAll = () => {
    const { topics } = shape();
    const left = held.filter((filter) => !(filter in topics));
    hold([...Object.keys(topics), ...left]);
    if (left.length > 0) {
      client.unsubscribe(left, (error) => {
        if (!error) hold(held.filter((filter) => !left.includes(filter) || filter in shape().topics));
      });
    }
    subscribe(client, { [self.canaryTopic]: { qos: 1 }, ...topics }, (fault) => {
      trouble = fault === null ? null : sayText(fault);
      subscribed = fault === null;
      if (fault !== null) log.error({ broker }, `mqtt: ${fault}`);
      chirp();
    });
  };
  const changes = options.onFiltersChanged?.(() => {
    if (client.connected) subscribeAll();
  });
  client.on('connect', (connack) => {
    trouble = null;
    log.info({ broker, clientId: self.clientId }, 'mqtt: connected');
    if (isSessionLost(connack, expectsSession, log)) sessionsLost++;
    expectsSession = true;
    subscribeAll();
  });
  client.on('disconnect', ({ reasonCode }) => {
    if (reasonCode === sessionTakenOver)
      log.error(`mqtt: ${inEnglish(say('client-id-shared', { clientId: self.clientId }))}`);
  });
  client.on('close', () => {
    subscribed = false;
    if (trouble === null) log.warn({ broker }, 'mqtt: connection lost; trying again');
    // Not every broker says who took over; a connection that never lasts is the sign that is left.
    trouble ??=
      shortLived() < 3 ? say('connection-lost') : say('client-id-shared', { clientId: self.clientId });
  });
  client.on('error', (error) => {
    trouble = sayText(error.message);
    log.warn({ broker, err: error }, 'mqtt: connection failed; trying again');
  });
  const beat = clock.every(externalLimits.canaryIntervalMs, chirp);

  return {
    status() {
      const { packets, dropped } = acks.status();
      return {
        connected: subscribed,
        said: [
          say('broker-external', { url: broker }),
          trouble ?? say('packets-in-flight', { count: packets }),
        ],
        dropped,
        canary: { ...canary.status(clock.nowMs()), sessionsLost },
      };
    },
    async [Symbol.asyncDispose]() {
      beat[Symbol.dispose]();
      changes?.[Symbol.dispose]();
      await acks.drain();
      await Promise.all([end(client, clock), end(sender, clock)]);
    },
  };
}

/** Stable, so that a session outlives the process; one number for each that runs. */
function identify({ parkId, identity: { name, instance } }: ExternalOptions) {
  const clientId = `parkwatch-${parkId}-${name}-${instance}`;
  return { clientId, canaryTopic: canaryTopic(parkId, clientId) };
}

/**
 * Canaries come in like a device's messages, by a connection of their own: on ours their acknowledgements would wait
 * behind packets that we do not read while the store is away, and what is not acknowledged is sent again, never missed.
 */
function connectSender({ config, url, clock }: ExternalOptions, clientId: string): MqttClient {
  const sender = connect(url, {
    ...externalClientOptions(config),
    clientId: `${clientId}-canary`,
    clean: true,
    keepalive: externalLimits.keepaliveS,
  });
  backOff(sender, clock);
  // Whatever keeps it from connecting keeps the gateway from it, too, and is told there.
  sender.on('error', () => undefined);
  return sender;
}

/** Reason code of MQTT 5 §3.14.2.1. */
const sessionTakenOver = 0x8e;

/** What the native contract wants; status is retained, and every process wants to know it. */
export function nativeWanted(parkId: string): Wanted {
  return {
    filters: [fieldFilter(parkId, 'telemetry'), fieldFilter(parkId, 'event')],
    retained: [fieldFilter(parkId, 'status')],
  };
}

function clientOptions({ config }: ExternalOptions, clientId: string): IClientOptions {
  return {
    ...externalClientOptions(config),
    clientId,
    clean: false,
    keepalive: externalLimits.keepaliveS,
    properties: {
      sessionExpiryInterval: externalLimits.sessionExpiryS,
      receiveMaximum: externalLimits.receiveMaximum,
    },
  };
}

function isSessionLost(connack: IConnackPacket, isExpected: boolean, log: Log): boolean {
  if (!isExpected || connack.sessionPresent) return false;
  log.error('mqtt: the broker has forgotten our session; what was published meanwhile may be lost there');
  return true;
}

/** @param onAnswer gets null when all is granted, else a sentence; nothing when the connection broke meanwhile */
function subscribe(
  client: MqttClient,
  topics: Subscriptions['topics'],
  onAnswer: (fault: string | null) => void,
): void {
  client.subscribe({ ...topics }, (error, granted) => {
    if (!client.connected) return;
    if (error) return onAnswer(`the broker refused our subscription: ${error.message}`);
    const refused = (granted ?? []).find(({ qos }) => qos !== 1);
    onAnswer(refused === undefined ? null : `the broker did not grant ${refused.topic} at QoS 1`);
  });
}

async function end(client: MqttClient, clock: Clock): Promise<void> {
  const ended = new AbortController();
  const late = clock.sleep(externalLimits.endTimeoutMs, ended.signal).then(
    () => client.end(true),
    () => undefined,
  );
  await Promise.race([client.endAsync(!client.connected), late]);
  ended.abort();
}
