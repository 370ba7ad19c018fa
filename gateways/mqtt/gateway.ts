import type { Clock } from '#infra/clock.ts';
import type { MqttConfig } from '#infra/config.ts';
import type { EmbeddedBroker } from '#infra/embedded-broker.ts';
import type { Log } from '#infra/log.ts';
import { toldAs, type Gateway, type GatewayStatus } from '#schemas/gateway.ts';
import { say } from '#schemas/phrases.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { startEmbeddedSide } from './embedded.ts';
import { nativeWanted, startExternalSide } from './external.ts';
import type { FieldSide } from './field-side.ts';
import { createIntake, type Intake } from './intake.ts';

/** The ledger's key of everything that comes in by the native topics. */
export const mqttSource = 'mqtt';

/** How long a stopping gateway waits for what it has received to be committed; the rest is sent again. */
const drainTimeoutMs = 10_000;

export interface MqttGatewayOptions {
  readonly config: MqttConfig;
  readonly parkId: string;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  /** The embedded broker; required when `config.url` is undefined, unused otherwise. */
  readonly broker?: EmbeddedBroker | undefined;
  /**
   * The n of the client id `parkwatch-{parkId}-ingest-{n}` at an external broker; 1 unless given. Each process needs
   * its own, and the same one after a restart: what its session holds is delivered only to that id.
   */
  readonly instance?: number;
  /** Whether the external broker held a session of ours when this gateway was last stopped. */
  readonly hadSession?: boolean | undefined;
}

export interface MqttGatewayStatus extends GatewayStatus {
  readonly packetsReceived: number;
  /** Received without anybody waiting for an acknowledgement (QoS 0, last wills). */
  readonly packetsUnacknowledged: number;
  /** Such packets for which there was no room while the store was away. */
  readonly packetsDropped: number;
}

export interface MqttGateway extends Gateway {
  status(): MqttGatewayStatus;
}

/**
 * Starts taking the native topics (DESIGN §4). An external broker need not be there yet: we keep trying.
 * @throws ConfigError when the certificate authority of an external broker cannot be read
 */
export function startMqttGateway(options: MqttGatewayOptions): Promise<MqttGateway> {
  const { parkId, sink, clock, log } = options;
  const intake = createIntake({ source: mqttSource, parkId, sink, clock, log });
  return Promise.resolve(toGateway({ source: mqttSource, intake, side: startSide(options, intake), clock }));
}

/** A gateway out of a way in and what it hands over to. */
export function toGateway(parts: {
  readonly source: string;
  readonly intake: Intake;
  readonly side: FieldSide;
  readonly clock: Clock;
}): MqttGateway {
  const { source, intake, side, clock } = parts;
  return {
    status() {
      const { received, acknowledged, unacknowledged, waiting } = intake.counts();
      const { connected, said: sideSaid, dropped, canary } = side.status();
      const storeTrouble = intake.trouble();
      const away = storeTrouble === null ? [] : [say('store-away', { text: storeTrouble })];
      const said = [...sideSaid, ...away];
      const troubleSaid = away.length > 0 || connected ? away : said;
      return {
        source,
        protocol: 'mqtt',
        connected,
        ...toldAs(said, troubleSaid),
        packetsReceived: received,
        packetsAcknowledged: acknowledged,
        packetsUnacknowledged: unacknowledged,
        packetsWaiting: waiting,
        packetsDropped: dropped,
        canary,
      };
    },
    async [Symbol.asyncDispose]() {
      const waited = new AbortController();
      const late = clock.sleep(drainTimeoutMs, waited.signal).catch(() => undefined);
      await Promise.race([side[Symbol.asyncDispose](), late]);
      waited.abort();
      await intake[Symbol.asyncDispose]();
    },
  };
}

function startSide(options: MqttGatewayOptions, intake: Intake): FieldSide {
  const { config, parkId, clock, log, broker, instance = 1, hadSession } = options;
  if (config.url !== undefined) {
    const identity = { name: 'ingest', instance };
    const wanted = () => nativeWanted(parkId);
    const common = { config, url: config.url, parkId, clock, log, intake, hadSession };
    return startExternalSide({ ...common, identity, wanted, group: 'parkwatch' });
  }
  if (broker === undefined) throw new Error('without MQTT_URL the gateway needs the embedded broker');
  return startEmbeddedSide(broker, intake);
}
