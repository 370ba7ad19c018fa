import { readFileSync } from 'node:fs';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Clock } from './clock.ts';
import { ConfigError, type MqttConfig } from './config.ts';

/** What every client of ours at an external broker has in common. */

export const reconnectLimits = {
  firstMs: 250,
  longestMs: 30_000,
  connectTimeoutMs: 10_000,
  lastingMs: 10_000,
} as const;

/**
 * MQTT 5, credentials and certificate authority; and it never gives up.
 * @throws ConfigError when the certificate authority cannot be read
 */
export function externalClientOptions(config: MqttConfig): IClientOptions {
  return {
    protocolVersion: 5,
    connectTimeout: reconnectLimits.connectTimeoutMs,
    reconnectPeriod: reconnectLimits.firstMs,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.password === undefined ? {} : { password: config.password }),
    ...(config.caFile === undefined ? {} : { ca: readCa(config.caFile) }),
  };
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(
      `MQTT_CA names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

/**
 * Growing pauses between attempts; half of each is chance, against reconnecting in step. Only a connection that lasted
 * begins them anew: two processes with one client id would else take turns throwing each other out without end.
 * @returns how many connections in a row did not last
 */
export function backOff(client: MqttClient, clock: Clock): () => number {
  let pauseMs: number = reconnectLimits.firstMs;
  let connectedAtMs: number | null = null;
  let shortLived = 0;
  client.on('connect', () => {
    connectedAtMs = clock.monotonicMs();
  });
  client.prependListener('close', () => {
    const lasted = connectedAtMs !== null && clock.monotonicMs() - connectedAtMs >= reconnectLimits.lastingMs;
    if (connectedAtMs !== null) shortLived = lasted ? 0 : shortLived + 1;
    connectedAtMs = null;
    pauseMs = lasted ? reconnectLimits.firstMs : Math.min(pauseMs * 2, reconnectLimits.longestMs);
    // mqtt.js reads it anew for each pause; our listener stands before its own.
    client.options.reconnectPeriod = Math.round(pauseMs * (0.5 + Math.random() / 2));
  });
  return () => shortLived;
}

/** Fit for logs and the console. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  parsed.search = '';
  return parsed.toString();
}
