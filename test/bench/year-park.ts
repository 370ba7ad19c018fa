import { Client } from 'pg';

/**
 * A park of 5,000 devices with the derived rows of a year, written as the jobs would have: folded days, day facts, events
 * and alarms, and no raw readings but the newest. The assessment reads nothing else.
 */

/** Devices of 1,000, by class; the attribute that tells kinds apart. */
const classes: readonly (readonly [deviceClass: string, share: number, kind?: string])[] = [
  ['energy-meter', 330],
  ['water-meter', 140],
  ['gas-meter', 30],
  ['camera', 240],
  ['network-node', 40, 'wifi'],
  ['network-node', 10, 'lora'],
  ['luminaire', 60],
  ['access-door', 40],
  ['building-equipment', 25, 'chiller'],
  ['elevator', 15],
  ['fire-panel', 10],
  ['display', 15],
  ['environment-station', 5],
  ['perimeter-sensor', 15],
  ['smart-pole', 10],
  ['charger', 5],
  ['parking-gate', 2],
  ['robot', 1],
  ['application', 1],
  ['video-platform', 1],
  ['loudspeaker', 3],
  ['payment-terminal', 2],
];
const places = 200;
/** Points with rows: what measures look at, and some beside it. */
const metrics = [
  'active_energy_import',
  'active_power',
  'volume',
  'online',
  'mode',
  'floor',
  'running',
  'barrier',
  'width',
  'height',
  'oldest_recording_age',
  'pm25',
  'noise_leq',
  'ph',
  'fault',
  'door',
  'on',
  'power',
];

export interface YearPark {
  readonly spaces: readonly object[];
  readonly devices: readonly object[];
}

/** The import document; everything has stood for longer than a year. */
export function yearPark(count: number, nowMs: number): YearPark {
  const validFrom = new Date(nowMs - 400 * 86_400_000).toISOString();
  const tags = ['key-location', 'display-location', 'crowded-area', 'lpwan-pilot', 'boundary', 'parking'];
  const spaces = [
    { id: 'year', name: 'year', kind: 'park', validFrom },
    ...Array.from({ length: places }, (_, n) => ({
      id: `place-${n}`,
      name: `place ${n}`,
      parentId: 'year',
      kind: n % 10 === 0 ? 'building' : 'zone',
      tags: n % 10 === 0 ? ['key-building'] : [tags[n % tags.length]],
      validFrom,
    })),
  ];
  const devices = classes.flatMap(([deviceClass, share, kind]) =>
    Array.from({ length: Math.max(1, Math.round((share * count) / 1_000)) }, (_, n) => ({
      id: `y-${deviceClass}-${kind ?? ''}${n}`,
      name: `${deviceClass} ${n}`,
      class: deviceClass,
      spaceId: `place-${n % places}`,
      attributes: kind === undefined ? {} : { kind },
      validFrom,
    })),
  );
  return { spaces, devices };
}

/** Folded days and day facts of every point, and what happened. @param options.eventsADay of each type */
export async function fillYearPark(
  client: Client,
  { days, eventsADay, zone }: { days: number; eventsADay: number; zone: string },
): Promise<void> {
  const today = `(now() at time zone '${zone}')::date`;
  await client.query(
    `insert into rollup_1d (day, point_id, count, good, summed, quality, min, max, sum, first, last, first_time, last_time)
     select ${today} - d, p.point_id, 1440, 1440, 1440, 0, 1, 2, 2160, 1, 2, ${today} - d, ${today} - d + interval '23 h'
     from generate_series(1, $1::int) d, point p where p.metric = any($2)`,
    [days, metrics],
  );
  await client.query(
    `insert into point_day (day, point_id, expected, received, good, first_time, last_time, longest_gap_s, sha256,
       last_good_time, last_good)
     select day, point_id, 1440, 1440, 1440, first_time, last_time, 60, repeat('a', 64), last_time, 3000000
     from rollup_1d`,
  );
  // What tells that a day is folded, and closed: a row is enough.
  await client.query(
    `insert into rollup_15m_day (day, point_id, count, good, summed, min, max, sum, first, last, first_us, last_us, quality)
     select ${today} - d, (select min(point_id) from point), '{15}', '{15}', '{15}', '{1}', '{1}', '{15}', '{1}', '{1}',
       '{1}', '{1}', '{0}' from generate_series(1, $1::int) d`,
    [days],
  );
  await client.query(
    `insert into day_close (day, version, root) select ${today} - d, 1, repeat('a', 64) from generate_series(1, $1::int) d`,
    [days],
  );
  await client.query(
    `insert into event (device_id, time, untimed, type, event_key, data, source)
     select d.id, now() - n * interval '1 s' * (86400.0 / $2::int), false, t.type, 'k' || n,
       jsonb_build_object('credential', 'C-' || n % 1500), 'mqtt'
     from (values ('access-door', 'access.granted'), ('access-door', 'access.denied'), ('parking-gate', 'vehicle.entered'),
       ('payment-terminal', 'payment.settled'), ('application', 'notice.news-read'), ('application', 'repair.completed'),
       ('display', 'content.floors-shown'), ('luminaire', 'lighting.switched-by-schedule')) t (class, type)
     cross join lateral (select id from device where class = t.class order by id limit 1) d
     cross join generate_series(1, $1::int * $2::int) n`,
    [days, eventsADay],
  );
  await client.query(
    `insert into alarm (rule_id, rule_version, onset, severity, reason, raised_at, cleared_at, object, device_id)
     select r.id, r.version, now() - n * interval '10 min', 'medium', 'bench', now() - n * interval '10 min',
       now() - n * interval '10 min' + interval '5 min', d.id, d.id
     from (select id, version from alarm_rule order by id limit 1) r,
       generate_series(1, $1::int * 20) n
       cross join lateral (select id from device order by id offset n % 1000 limit 1) d`,
    [days],
  );
  await client.query('vacuum analyze');
}

/** Every fifth device of every class lacks days: since one of thirty days, or every third day of the year. */
export async function breakYearPark(client: Client, days: number): Promise<void> {
  await client.query(
    `delete from rollup_1d r using (
       select p.point_id, dense_rank() over (order by p.device_id) as n from point p) p
     where r.point_id = p.point_id and p.n % 5 = 0
       and case when p.n % 2 = 0 then r.day > current_date - $1::int * (1 + p.n / 5 % 30)::int / 60
                else extract(doy from r.day)::int % 3 = 0 end`,
    [days],
  );
  await client.query('vacuum analyze rollup_1d');
}
