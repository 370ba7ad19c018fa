import type { Queryable } from '#infra/postgres.ts';
import type { CameraProbe } from '#schemas/cctv.ts';

/** Every process that asks cameras listens here; a writer notifies in the transaction of its change. */
export const cctvChannel = 'parkwatch_cctv';

export interface GroupRow {
  readonly id: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly secret: Buffer | null;
  readonly version: number;
  readonly changedAt: Date;
  readonly changedBy: string;
}

const columns = 'id, definition, secret, version, changed_at as "changedAt", changed_by as "changedBy"';

/** In the order of their ids; a park has a few. */
export async function listGroups(db: Queryable): Promise<GroupRow[]> {
  const { rows } = await db.query<GroupRow>(`select ${columns} from cctv_group order by id`);
  return rows;
}

/** Writers take turns. */
export async function lockGroups(client: Queryable): Promise<void> {
  await client.query('lock table cctv_group in share row exclusive mode');
}

export async function putGroup(client: Queryable, row: GroupRow): Promise<void> {
  await client.query(
    `insert into cctv_group (id, definition, secret, version, changed_at, changed_by)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set definition = excluded.definition, secret = excluded.secret,
       version = excluded.version, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    [row.id, JSON.stringify(row.definition), row.secret, row.version, row.changedAt, row.changedBy],
  );
  await client.query('select pg_notify($1, $2)', [cctvChannel, row.id]);
}

export async function deleteGroup(client: Queryable, id: string): Promise<void> {
  await client.query('delete from cctv_group where id = $1', [id]);
  await client.query('delete from camera_probe where group_id = $1', [id]);
  await client.query('select pg_notify($1, $2)', [cctvChannel, id]);
}

/** One row a camera; what is asked seldom stays until it is told again. */
export async function writeProbes(db: Queryable, probes: readonly CameraProbe[]): Promise<void> {
  await db.query(
    `insert into camera_probe (device_id, group_id, asked_at, answers, answered_at, troubles, clock_offset_s, reach_s,
       recording, recorded_share, manufacturer, model, firmware)
     select p."deviceId", p."group", to_timestamp(p."atMs" / 1000), p.answers,
       case when p.answers then to_timestamp(p."atMs" / 1000) end,
       array(select jsonb_array_elements_text(p.troubles)), p."clockOffsetS", p."reachS", p.recording,
       p."recordedShare", p.manufacturer, p.model, p.firmware
     from jsonb_to_recordset($1::jsonb) as p("deviceId" text, "group" text, "atMs" float8, answers boolean,
       troubles jsonb, "clockOffsetS" float8, "reachS" float8, recording boolean, "recordedShare" float8,
       manufacturer text, model text, firmware text)
     on conflict (device_id) do update set group_id = excluded.group_id, asked_at = excluded.asked_at,
       answers = excluded.answers, answered_at = coalesce(excluded.answered_at, camera_probe.answered_at),
       troubles = excluded.troubles, clock_offset_s = excluded.clock_offset_s, reach_s = excluded.reach_s,
       recording = excluded.recording, recorded_share = excluded.recorded_share, manufacturer = coalesce(excluded.manufacturer, camera_probe.manufacturer),
       model = coalesce(excluded.model, camera_probe.model),
       firmware = coalesce(excluded.firmware, camera_probe.firmware)`,
    [JSON.stringify(probes)],
  );
}

export interface ProbeQuery {
  readonly group: string | null;
  readonly device: string | null;
  readonly trouble: boolean;
  /** Cameras that were asked last before it are asked no longer. */
  readonly since: Date;
  /** Device ids above this one. */
  readonly after: string;
  readonly limit: number;
}

export interface ProbeRow {
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly group: string;
  readonly askedAt: Date;
  readonly answers: boolean;
  readonly answeredAt: Date | null;
  readonly troubles: string[];
  readonly clockOffsetS: number | null;
  readonly reachS: number | null;
  readonly recording: boolean | null;
  readonly recordedShare: number | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
}

/** In the order of the devices' ids. */
export async function listProbes(db: Queryable, asked: ProbeQuery): Promise<ProbeRow[]> {
  const { rows } = await db.query<ProbeRow>(
    `select p.device_id as "deviceId", d.name as "deviceName", p.group_id as "group", p.asked_at as "askedAt",
       p.answers, p.answered_at as "answeredAt", p.troubles, p.clock_offset_s as "clockOffsetS",
       p.reach_s as "reachS", p.recording, p.recorded_share as "recordedShare", p.manufacturer, p.model, p.firmware
     from camera_probe p
     left join device d on d.id = p.device_id and d.valid_to = 'infinity'
     where p.device_id > $1 and ($2::text is null or p.group_id = $2) and ($3::text is null or p.device_id = $3)
       and (not $4 or not p.answers or cardinality(p.troubles) > 0) and p.asked_at >= $5
     order by p.device_id limit $6`,
    [asked.after, asked.group, asked.device, asked.trouble, asked.since, asked.limit],
  );
  return rows;
}

/** Each is asked at least once an hour: one that was not for so long has left the configuration. */
export const forgottenMs = 2 * 86_400_000;

/** How asking the cameras of a group went last. */
export interface GroupFigures {
  readonly group: string;
  readonly cameras: number;
  readonly answering: number;
  readonly troubled: number;
  readonly recording: number;
  /** Mean share of the running day that is recorded; null where nobody tells. */
  readonly share: number | null;
  /** Since the camera was asked that has waited longest, s. */
  readonly ageS: number;
}

/** One row a group; a park has some thousand cameras. */
export async function readGroupFigures(
  db: Queryable,
  { now, forgottenMs: pastMs }: { readonly now: Date; readonly forgottenMs: number },
): Promise<GroupFigures[]> {
  const { rows } = await db.query<GroupFigures>(
    `select group_id as "group", count(*)::float8 as cameras,
       count(*) filter (where answers)::float8 as answering,
       count(*) filter (where cardinality(troubles) > 0)::float8 as troubled,
       count(*) filter (where recording)::float8 as recording, avg(recorded_share) as share,
       extract(epoch from $1::timestamptz - min(asked_at))::float8 as "ageS"
     from camera_probe where asked_at >= $2 group by group_id order by group_id`,
    [now, new Date(now.getTime() - pastMs)],
  );
  return rows;
}
