import { randomUUID } from 'node:crypto';
import { connect } from 'mqtt';
import type { Clock } from '#infra/clock.ts';
import type { MqttConfig } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';
import { backOff, externalClientOptions, withoutCredentials } from '#infra/mqtt-client.ts';
import { parseFieldTopic } from '#schemas/topics.ts';
import type { SpoolPublisher } from './shipper.ts';

const publisherLimits = {
  /** Messages under way, unless the broker allows fewer. */
  window: 500,
  keepaliveS: 30,
  /** For a polite goodbye; then the connection is cut. */
  endTimeoutMs: 2_000,
} as const;

export interface MqttPublisher extends SpoolPublisher, AsyncDisposable {
  readonly connected: boolean;
  /** One line, without credentials. */
  readonly detail: string;
}

/**
 * Publishes to the broker of the park. It need not be there yet; messages wait, in order, and after a break those that
 * were not acknowledged are sent again before any other.
 * @throws ConfigError when the certificate authority cannot be read
 */
export function startMqttPublisher(options: {
  readonly config: MqttConfig;
  readonly url: string;
  readonly parkId: string;
  readonly clock: Clock;
  readonly log: Log;
}): MqttPublisher {
  const { config, url, parkId, clock, log } = options;
  const broker = withoutCredentials(url);
  let window: number = publisherLimits.window;
  let trouble: string | null = 'not connected yet';
  const client = connect(url, {
    ...externalClientOptions(config),
    // Nothing is kept for us at the broker: what it has not acknowledged is on our disk.
    clientId: `parkwatch-${parkId}-spool-${randomUUID()}`,
    clean: true,
    keepalive: publisherLimits.keepaliveS,
  });
  backOff(client, clock);
  client.on('connect', (connack) => {
    trouble = null;
    window = Math.min(publisherLimits.window, connack.properties?.receiveMaximum ?? publisherLimits.window);
    log.info({ broker }, 'spool: connected');
  });
  client.on('close', () => {
    if (trouble === null) log.warn({ broker }, 'spool: connection lost; trying again');
    trouble ??= 'connection lost';
  });
  client.on('error', (error) => {
    trouble = error.message;
    log.warn({ broker, err: error }, 'spool: connection failed; trying again');
  });
  return {
    get window() {
      return window;
    },
    get connected() {
      return client.connected;
    },
    get detail() {
      return `${broker}, ${trouble ?? 'connected'}`;
    },
    publish: ({ topic, payload }) =>
      new Promise((resolve, reject) => {
        const retain = parseFieldTopic(topic)?.kind === 'status';
        client.publish(topic, Buffer.from(payload), { qos: 1, retain }, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    async [Symbol.asyncDispose]() {
      const ended = new AbortController();
      const late = clock.sleep(publisherLimits.endTimeoutMs, ended.signal).then(
        () => client.end(true),
        () => undefined,
      );
      await Promise.race([client.endAsync(!client.connected), late]);
      ended.abort();
    },
  };
}
