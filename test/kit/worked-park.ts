import mqtt from 'mqtt';
import type { Assessment } from '#schemas/api/assessment.ts';
import { fieldTopic } from '#schemas/topics.ts';
import type { ServedPark } from './serve.ts';

/**
 * A park for worked examples, made through the public API only: an import document, packets of devices and adapters over
 * MQTT, acknowledgements over HTTP. It fills in two steps, so that one park gives three examples of every item.
 */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Shanghai, without summer time. */
const offsetMs = 8 * hourMs;
const daysBefore = 2;

/** The period: two complete local days and what there is of the third. */
export function workedPeriod(nowMs: number) {
  const todayMs = Math.floor((nowMs + offsetMs) / dayMs) * dayMs - offsetMs;
  return { fromMs: todayMs - daysBefore * dayMs, todayMs };
}

type Attributes = Readonly<Record<string, string | number>>;
type DeviceLine = readonly [id: string, deviceClass: string, spaceId: string, attributes?: Attributes];

const crowded = [1, 2, 3, 4, 5, 6, 7].map((n) => `hall-${n}`);
const keyPlaces = ['gate-1', 'gate-2', 'lobby-1', 'parking-1'];

const spaces = [
  { id: 'park', kind: 'park' },
  { id: 'b-1', kind: 'building', tags: ['key-building'] },
  { id: 'b-2', kind: 'building', tags: ['key-building'] },
  { id: 'edge', kind: 'outdoor', tags: ['boundary'] },
  { id: 'kitchen', kind: 'room', tags: ['kitchen'] },
  ...crowded.map((id) => ({ id, kind: 'zone', tags: ['crowded-area'] })),
  ...keyPlaces.map((id) => ({
    id,
    kind: 'zone',
    tags: ['key-location', 'display-location', ...(id === 'parking-1' ? ['parking'] : [])],
  })),
  ...[1, 2, 3].map((n) => ({ id: `pilot-${n}`, kind: 'zone', tags: ['lpwan-pilot'] })),
];

/** In three years: the panels are inspected for long enough. */
const far = `${new Date().getUTCFullYear() + 3}-01-01`;

const devices: readonly DeviceLine[] = [
  ['wm-1', 'water-meter', 'b-1'],
  ['em-1', 'energy-meter', 'b-1'],
  ['em-2', 'energy-meter', 'b-2'],
  ['gm-1', 'gas-meter', 'b-2'],
  ['lift-1', 'elevator', 'b-1'],
  ['chiller-1', 'building-equipment', 'b-1', { kind: 'chiller' }],
  ['env-1', 'environment-station', 'park'],
  ['fire-1', 'fire-panel', 'b-1', { inspectionDue: far }],
  ['fire-2', 'fire-panel', 'b-2', { inspectionDue: far }],
  ['ps-1', 'perimeter-sensor', 'b-1'],
  ['ps-2', 'perimeter-sensor', 'b-2'],
  ['ps-3', 'perimeter-sensor', 'edge'],
  ['door-1', 'access-door', 'b-1'],
  ['barrier-1', 'parking-gate', 'parking-1'],
  ['lamp-1', 'luminaire', 'park'],
  ['pole-1', 'smart-pole', 'park', { functions: 'lighting, broadcast, data-collection' }],
  ['pole-2', 'smart-pole', 'park', { functions: 'base-station, emergency-call' }],
  ['robot-1', 'robot', 'park'],
  ['speaker-1', 'loudspeaker', 'park'],
  ['visitor-1', 'visitor-terminal', 'gate-1'],
  ['till-1', 'payment-terminal', 'kitchen'],
  ['guide-1', 'parking-guidance', 'parking-1'],
  ['vms-1', 'video-platform', 'park'],
  ['app-1', 'application', 'park', { system: 'portal' }],
  ['app-2', 'application', 'park', { system: 'property' }],
  ['cam-5', 'camera', 'kitchen'],
  ...crowded.map((place, n): DeviceLine => [`ap-${n + 1}`, 'network-node', place, { kind: 'wifi' }]),
  ...keyPlaces.map((place, n): DeviceLine => [`cam-${n + 1}`, 'camera', place]),
  ...keyPlaces.map((place, n): DeviceLine => [`screen-${n + 1}`, 'display', place]),
  ...[1, 2, 3].map((n): DeviceLine => [`lora-${n}`, 'network-node', `pilot-${n}`, { kind: 'lora' }]),
];

/** The park as a file: everything has stood for 40 days. */
export function workedDocument(nowMs: number): object {
  const validFrom = new Date(nowMs - 40 * dayMs).toISOString();
  return {
    spaces: spaces.map((space) => ({
      name: space.id,
      ...(space.id === 'park' ? {} : { parentId: 'park' }),
      ...space,
      validFrom,
    })),
    devices: devices.map(([id, deviceClass, spaceId, attributes = {}]) => {
      return { id, name: id, class: deviceClass, spaceId, attributes, validFrom };
    }),
  };
}

type Value = number | boolean | string;

/** Field side of the park. Each publication resolves when its rows are committed. */
export interface WorkedField extends AsyncDisposable {
  /** Values once an hour over the two complete days. */
  hourly(deviceIds: readonly string[], values: Readonly<Record<string, Value>>): Promise<void>;
  /** Values once a minute from the begin of the period until now. */
  everyMinute(deviceId: string, values: Readonly<Record<string, Value>>): Promise<void>;
  now(deviceId: string, values: Readonly<Record<string, Value>>): Promise<void>;
  event(deviceId: string, types: readonly string[], data?: Readonly<Record<string, Value>>): Promise<void>;
}

const valuesPerPacket = 2_000;

export async function openWorkedField(park: ServedPark): Promise<WorkedField> {
  const client = await mqtt.connectAsync(park.mqttUrl);
  const { fromMs, todayMs } = workedPeriod(Date.now());
  let events = 0;
  const publish = (deviceId: string, kind: 'telemetry' | 'event', message: object) =>
    client.publishAsync(fieldTopic('demo', deviceId, kind), JSON.stringify(message), { qos: 1 });
  const series = async (
    deviceId: string,
    values: Readonly<Record<string, Value>>,
    { toMs, everyMs }: { toMs: number; everyMs: number },
  ) => {
    const most = Math.floor(valuesPerPacket / Object.keys(values).length);
    for (let startMs = fromMs; startMs < toMs; startMs += most * everyMs) {
      const count = Math.min(most, Math.ceil((toMs - startMs) / everyMs));
      await publish(
        deviceId,
        'telemetry',
        Array.from({ length: count }, (_, n) => ({ ts: startMs + n * everyMs, values })),
      );
    }
  };
  return {
    async hourly(deviceIds, values) {
      await Promise.all(deviceIds.map((id) => series(id, values, { toMs: todayMs, everyMs: hourMs })));
    },
    everyMinute: (deviceId, values) => series(deviceId, values, { toMs: Date.now(), everyMs: 60_000 }),
    now: async (deviceId, values) => {
      await publish(deviceId, 'telemetry', { ts: Date.now(), values });
    },
    async event(deviceId, types, data = {}) {
      for (const type of types) {
        events += 1;
        await publish(deviceId, 'event', { ts: Date.now(), type, id: `e-${events}`, data });
      }
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync();
    },
  };
}

/** What the park is worth now, item by item. */
export async function assessWorked(park: ServedPark): Promise<Map<string, Assessment['items'][number]>> {
  const nowMs = Date.now();
  const period = new URLSearchParams({
    from: new Date(workedPeriod(nowMs).fromMs).toISOString(),
    to: new Date(nowMs).toISOString(),
  });
  const { body } = await park.request<Assessment>('GET', `/assessments/chengdu-2021?${period.toString()}`);
  return new Map(body.items.map((item) => [item.item, item]));
}
