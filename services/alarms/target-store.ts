import type { CalendarDay } from '#schemas/alarm-schedule.ts';
import { ruleOverrideSchema } from '#schemas/alarm.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Queryable } from '#infra/postgres.ts';
import { overrideKey, type Override } from './plan.ts';

/** A point in service that a rule may watch. */
export interface WatchedPoint {
  readonly pointId: number;
  readonly key: string;
  readonly deviceId: string;
  readonly deviceClass: string;
  readonly metric: string;
  /** Of a metric that its class does not name. */
  readonly definition: MetricDefinition | null;
  /** Those of the names asked for that name it. */
  readonly names: readonly string[];
}

/** A device in service that a rule may watch as a whole. */
export interface WatchedDevice {
  readonly deviceId: string;
  readonly deviceClass: string;
  readonly names: readonly string[];
}

/**
 * What rules name: `point:device.metric`, `device:id`, `class:class/metric`, `space:space/class/metric` (the space and
 * all below it), `tag:tag/class/metric`; the metric is empty where devices are named.
 */
export interface NamedTargets {
  readonly points: readonly string[];
  readonly devices: readonly string[];
  /** Metrics that are wanted of every device named. */
  readonly metrics: readonly string[];
}

interface ServingDevice {
  readonly id: string;
  readonly class: string;
  readonly spaceId: string | null;
  readonly tags: string | null;
}

/**
 * Everything that is named, of devices in service. Devices and spaces are read whole and matched here: a park has
 * thousands of them, and rules name them in tens of thousands of ways at once.
 */
export async function loadTargets(
  db: Queryable,
  named: NamedTargets,
): Promise<{ readonly points: WatchedPoint[]; readonly devices: WatchedDevice[] }> {
  const park = await loadServing(db);
  const namesByDevice = new Map<string, string[]>();
  for (const name of named.devices) {
    for (const device of park.named(name).devices) add(namesByDevice, device.id, name);
  }
  const devices = [...namesByDevice].map(([deviceId, names]) => {
    return { deviceId, deviceClass: park.classOf(deviceId), names };
  });
  const namesByKey = new Map<string, string[]>();
  for (const name of named.points) {
    const { devices: found, metric } = park.named(name);
    for (const device of found) add(namesByKey, `${device.id}.${metric}`, name);
  }
  for (const { deviceId } of devices) {
    for (const metric of named.metrics) {
      const key = `${deviceId}.${metric}`;
      if (!namesByKey.has(key)) namesByKey.set(key, []);
    }
  }
  return { devices, points: await loadPoints(db, namesByKey, park.classOf) };
}

function add(map: Map<string, string[]>, key: string, name: string): void {
  const names = map.get(key);
  if (names === undefined) map.set(key, [name]);
  else names.push(name);
}

interface ServingPark {
  readonly classOf: (deviceId: string) => string;
  /** The devices that a name names, and the metric of them that it means. */
  named(name: string): { readonly devices: readonly ServingDevice[]; readonly metric: string };
}

async function loadServing(db: Queryable): Promise<ServingPark> {
  const { rows } = await db.query<ServingDevice>(
    `select id, class, space_id as "spaceId", attributes ->> 'tags' as tags from device
     where valid_to = 'infinity' and lifecycle = 'in-service' order by id`,
  );
  const { rows: spaces } = await db.query<{ id: string; parentId: string | null }>(
    `select id, parent_id as "parentId" from space where valid_to = 'infinity'`,
  );
  const byId = new Map(rows.map((device) => [device.id, device]));
  const byClass = Map.groupBy(rows, (device) => device.class);
  const bySpace = Map.groupBy(rows, (device) => device.spaceId);
  const children = Map.groupBy(spaces, (space) => space.parentId);
  const byTag = new Map<string, ServingDevice[]>();
  for (const device of rows) {
    for (const tag of new Set(device.tags?.split(',').map((each) => each.trim()))) {
      const tagged = byTag.get(tag);
      if (tagged === undefined) byTag.set(tag, [device]);
      else tagged.push(device);
    }
  }
  const within = (spaceId: string) => {
    const seen = new Set([spaceId]);
    for (const id of seen) for (const child of children.get(id) ?? []) seen.add(child.id);
    return [...seen].flatMap((id) => bySpace.get(id) ?? []);
  };
  return {
    classOf: (deviceId) => byId.get(deviceId)?.class ?? '',
    named(name) {
      const { kind, id, deviceClass, metric } = partsOf(name);
      const ofClass = (devices: readonly ServingDevice[]) =>
        deviceClass === '' ? devices : devices.filter((device) => device.class === deviceClass);
      if (kind === 'class') return { devices: byClass.get(deviceClass) ?? [], metric };
      if (kind === 'space') return { devices: ofClass(within(id)), metric };
      if (kind === 'tag') return { devices: ofClass(byTag.get(id) ?? []), metric };
      const device = byId.get(id);
      return { devices: device === undefined ? [] : [device], metric };
    },
  };
}

/** The parts of a name, see {@link NamedTargets}. */
function partsOf(name: string): { kind: string; id: string; deviceClass: string; metric: string } {
  const colon = name.indexOf(':');
  const kind = name.slice(0, colon);
  const rest = name.slice(colon + 1);
  if (kind === 'device') return { kind, id: rest, deviceClass: '', metric: '' };
  if (kind === 'point') {
    const [id = '', metric = ''] = rest.split('.');
    return { kind, id, deviceClass: '', metric };
  }
  const parts = rest.split('/');
  const metric = parts.pop() ?? '';
  const deviceClass = parts.pop() ?? '';
  return { kind, id: parts.join('/'), deviceClass, metric };
}

/** @param namesByKey the points wanted, with the names that name each */
async function loadPoints(
  db: Queryable,
  namesByKey: ReadonlyMap<string, readonly string[]>,
  classOf: (deviceId: string) => string,
): Promise<WatchedPoint[]> {
  if (namesByKey.size === 0) return [];
  const keys = [...namesByKey.keys()].map((key) => key.split('.'));
  const { rows } = await db.query<Omit<WatchedPoint, 'key' | 'deviceClass' | 'names'>>(
    `select point_id as "pointId", device_id as "deviceId", metric, definition from point
     where device_id = any($1::text[]) and metric = any($2::text[]) and not ignored order by point_id`,
    [[...new Set(keys.map(([deviceId]) => deviceId))], [...new Set(keys.map(([, metric]) => metric))]],
  );
  return rows.flatMap((row) => {
    const key = `${row.deviceId}.${row.metric}`;
    const names = namesByKey.get(key);
    return names === undefined ? [] : [{ ...row, key, deviceClass: classOf(row.deviceId), names }];
  });
}

/** What devices change of rules now, by {@link overrideKey}. */
export async function loadOverrides(db: Queryable): Promise<Map<string, Override>> {
  const { rows } = await db.query<Omit<Override, 'definition'> & { definition: unknown }>(
    `select rule_id as "ruleId", device_id as "deviceId", author, reason, definition
     from alarm_rule_override where valid_to = 'infinity' and definition is not null`,
  );
  return new Map(
    rows.map((row) => [
      overrideKey(row.ruleId, row.deviceId),
      { ...row, definition: ruleOverrideSchema.parse(row.definition) },
    ]),
  );
}

/** Days on which the park does not follow the weekday, by `YYYY-MM-DD`. */
export async function loadHolidays(db: Queryable): Promise<Map<string, CalendarDay['kind']>> {
  const { rows } = await db.query<{ day: string; kind: CalendarDay['kind'] }>(
    `select to_char(day, 'YYYY-MM-DD') as day, kind from calendar_day
     order by day desc limit 4000`,
  );
  return new Map(rows.map((row) => [row.day, row.kind]));
}
