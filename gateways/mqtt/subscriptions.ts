import type { IClientSubscribeOptions } from 'mqtt';

/** What a gateway wants of an external broker. */
export interface Wanted {
  /** Taken as they come; divided between processes where subscriptions are shared. */
  readonly filters: readonly string[];
  /** Taken by every process, with what the broker has retained. */
  readonly retained: readonly string[];
}

export interface Subscriptions {
  readonly topics: Readonly<Record<string, IClientSubscribeOptions>>;
  /** The same filters in the form we do not use: a session may still hold them from before a change of MQTT_SHARED. */
  readonly former: readonly string[];
}

/** MQTT 5 §3.8.3.1: send retained messages at subscribe time, or never. */
const retainHandling = { send: 0, never: 2 } as const;

/**
 * Chooses between ordinary and shared subscriptions. Ordinary ones are the default: mosquitto (2.0.11 and 2.0.22 were
 * tried) does not take up a shared subscription after its restart until its client subscribes again, and until then
 * acknowledges messages and keeps them for nobody.
 * @param group the group that shares; null for ordinary subscriptions
 */
export function shapeSubscriptions(wanted: Wanted, groups: { name: string; shared: boolean }): Subscriptions {
  const share = (filter: string) => `$share/${groups.name}/${filter}`;
  const inUse = groups.shared ? wanted.filters.map(share) : wanted.filters;
  const shaped = (filters: readonly string[], rh: 0 | 2): [string, IClientSubscribeOptions][] =>
    // A shared subscription receives nothing that is retained anyway (§4.8.2), and some brokers refuse the option.
    filters.map((filter) => [filter, filter.startsWith('$share/') ? { qos: 1 } : { qos: 1, rh }]);
  return {
    topics: Object.fromEntries([
      ...shaped(inUse, retainHandling.never),
      ...shaped(wanted.retained, retainHandling.send),
    ]),
    former: groups.shared ? wanted.filters : wanted.filters.map(share),
  };
}
