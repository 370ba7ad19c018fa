import { randomUUID } from 'node:crypto';
import { connect } from 'mqtt';
import type { Clock } from '#infra/clock.ts';
import type { MqttConfig } from '#infra/config.ts';
import type { Log } from '#infra/log.ts';
import { backOff, externalClientOptions } from '#infra/mqtt-client.ts';
import type { PublishCommand } from './commander.ts';

/**
 * Our own connection to an external broker for commands. Nothing waits in it: what cannot be sent now is refused, for
 * nobody wants a door opened later.
 * @throws ConfigError when the certificate authority cannot be read
 */
export function startCommandPublisher(
  config: MqttConfig,
  clock: Clock,
  log: Log,
): { readonly publish: PublishCommand } & AsyncDisposable {
  if (config.url === undefined) {
    const publish = () => Promise.reject(new Error('this process has no broker'));
    return { publish, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const clientId = `parkwatch-commands-${randomUUID().slice(0, 8)}`;
  const client = connect(config.url, { ...externalClientOptions(config), clientId, clean: true });
  backOff(client, clock);
  client.on('error', (error) => log.debug({ err: error }, 'commands: the broker is away'));
  return {
    publish: async (topic, payload) => {
      if (!client.connected) throw new Error('the broker is away');
      await client.publishAsync(topic, payload, { qos: 1 });
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}
