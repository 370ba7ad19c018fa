import type { MqttConfig } from '#infra/config.ts';

/** An embedded broker on a free loopback port unless told otherwise. */
export function mqttConfig(more: Partial<MqttConfig> = {}): MqttConfig {
  return {
    url: undefined,
    host: '127.0.0.1',
    port: 0,
    username: undefined,
    password: undefined,
    caFile: undefined,
    shared: false,
    tls: undefined,
    ...more,
  };
}
