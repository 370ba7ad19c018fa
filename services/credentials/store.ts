import type { Queryable } from '#infra/postgres.ts';
import {
  noGrant,
  type CredentialKind,
  type FieldCredential,
  type FieldGrant,
} from '#schemas/api/field-access.ts';
import type { NewSecret } from './secret.ts';

/** Every process that answers logins listens here; writers notify in the transaction of their change. */
export const credentialChannel = 'parkwatch_credential';

export async function notifyCredentials(db: Queryable): Promise<void> {
  await db.query('select pg_notify($1, $2)', [credentialChannel, 'changed']);
}

/** What the book in memory is made of. */
export interface CredentialRow {
  readonly id: string;
  readonly deviceId: string;
  readonly secretHash: Buffer | null;
  readonly subject: string | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** Credentials that stand, of devices that stand and are not retired. */
export async function readCredentials(db: Queryable, now: Date): Promise<CredentialRow[]> {
  const { rows } = await db.query<CredentialRow>(
    `select c.id, c.device_id as "deviceId", c.secret_hash as "secretHash", c.subject,
       nullif(c.expires_at, 'infinity') as "expiresAt"
     from field_credential c
       join device d on d.id = c.device_id and d.valid_to = 'infinity' and d.lifecycle <> 'retired'
     where c.expires_at > $1`,
    [now],
  );
  return rows;
}

export async function readGrants(db: Queryable): Promise<ReadonlyMap<string, FieldGrant>> {
  const { rows } = await db.query<FieldGrant & { deviceId: string }>(
    `select device_id as "deviceId", children, prefixes, topics, packets_per_s as "packetsPerS", connections
     from field_grant`,
  );
  return new Map(rows.map(({ deviceId, ...grant }) => [deviceId, grant]));
}

export async function readGrant(db: Queryable, deviceId: string): Promise<FieldGrant> {
  const { rows } = await db.query<FieldGrant>(
    `select children, prefixes, topics, packets_per_s as "packetsPerS", connections
     from field_grant where device_id = $1`,
    [deviceId],
  );
  return rows[0] ?? noGrant;
}

export async function writeGrant(db: Queryable, deviceId: string, grant: FieldGrant): Promise<void> {
  await db.query(
    `insert into field_grant (device_id, children, prefixes, topics, packets_per_s, connections)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (device_id) do update set children = excluded.children, prefixes = excluded.prefixes,
       topics = excluded.topics, packets_per_s = excluded.packets_per_s, connections = excluded.connections`,
    [deviceId, grant.children, grant.prefixes, grant.topics, grant.packetsPerS, grant.connections],
  );
}

export async function readSharedLogin(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ shared: boolean }>('select shared_login as shared from field_policy');
  return rows[0]?.shared ?? true;
}

export async function writeSharedLogin(db: Queryable, shared: boolean): Promise<void> {
  await db.query('update field_policy set shared_login = $1', [shared]);
}

type ListedRow = Omit<FieldCredential, 'createdAt' | 'expiresAt' | 'lastUsedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
};

const listed = `c.id, c.device_id as "deviceId", d.name as "deviceName", c.kind, c.subject, c.created_at as "createdAt",
  c.created_by as "createdBy", nullif(c.expires_at, 'infinity') as "expiresAt", c.last_used_at as "lastUsedAt",
  c.last_address as "lastAddress"`;

function toCredential(row: ListedRow): FieldCredential {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

/** Credentials that stand at `now`, after `after` (device id, credential id). */
export async function listCredentials(
  db: Queryable,
  query: { deviceId: string | null; after: readonly [string, string]; now: Date; limit: number },
): Promise<FieldCredential[]> {
  const { rows } = await db.query<ListedRow>(
    `select ${listed} from field_credential c left join device d on d.id = c.device_id and d.valid_to = 'infinity'
     where c.expires_at > $1 and ($2::text is null or c.device_id = $2) and (c.device_id, c.id::text) > ($3, $4)
     order by c.device_id, c.id::text limit $5`,
    [query.now, query.deviceId, query.after[0], query.after[1], query.limit],
  );
  return rows.map(toCredential);
}

/** The credential when it stands at `now`; locked, so that two rotations do not meet. */
export async function findCredential(
  db: Queryable,
  id: string,
  now: Date,
): Promise<{ deviceId: string; kind: CredentialKind; subject: string | null } | undefined> {
  const { rows } = await db.query<{ deviceId: string; kind: CredentialKind; subject: string | null }>(
    `select device_id as "deviceId", kind, subject from field_credential
     where id = $1 and expires_at > $2 for update`,
    [id, now],
  );
  return rows[0];
}

/** Which of these devices stand, and how many credentials each has at `now`. */
export async function countCredentials(
  db: Queryable,
  deviceIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ id: string; count: number }>(
    `select d.id, count(c.id) as count from device d
       left join field_credential c on c.device_id = d.id and c.expires_at > $2
     where d.id = any($1) and d.valid_to = 'infinity' and d.lifecycle <> 'retired' group by d.id`,
    [deviceIds, now],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

export interface Making {
  readonly now: Date;
  readonly actor: string;
}

/** @returns in the order given */
export async function insertPasswords(
  db: Queryable,
  made: readonly { readonly deviceId: string; readonly secret: NewSecret }[],
  { now, actor }: Making,
): Promise<FieldCredential[]> {
  const { rows } = await db.query<ListedRow>(
    `with n as (
       select * from unnest($1::text[], $2::bytea[], $3::text[]) with ordinality n(device_id, hash, mosquitto, place)
     ), c as (
       insert into field_credential (device_id, kind, secret_hash, secret_mosquitto, created_at, created_by)
       select device_id, 'password', hash, mosquitto, $4, $5 from n returning *
     )
     select ${listed} from c join n on n.hash = c.secret_hash
       left join device d on d.id = c.device_id and d.valid_to = 'infinity'
     order by n.place`,
    [
      made.map(({ deviceId }) => deviceId),
      made.map(({ secret }) => secret.hash),
      made.map(({ secret }) => secret.mosquitto),
      now,
      actor,
    ],
  );
  return rows.map(toCredential);
}

export async function insertCertificate(
  db: Queryable,
  { deviceId, subject }: { deviceId: string; subject: string },
  { now, actor }: Making,
): Promise<FieldCredential | undefined> {
  const { rows } = await db.query<ListedRow>(
    `with c as (
       insert into field_credential (device_id, kind, subject, created_at, created_by)
       values ($1, 'certificate', $2, $3, $4) returning *
     )
     select ${listed} from c left join device d on d.id = c.device_id and d.valid_to = 'infinity'`,
    [deviceId, subject, now, actor],
  );
  return rows[0] === undefined ? undefined : toCredential(rows[0]);
}

/** Whose certificates carry this name at `now`. */
export async function subjectOwner(db: Queryable, subject: string, now: Date): Promise<string | undefined> {
  const { rows } = await db.query<{ deviceId: string }>(
    `select device_id as "deviceId" from field_credential where subject = $1 and expires_at > $2`,
    [subject, now],
  );
  return rows[0]?.deviceId;
}

/** Lets a credential end, never later than it does already. */
export async function endCredential(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query('update field_credential set expires_at = least(expires_at, $2) where id = $1', [id, at]);
}

/** Notes when and from where credentials were used last. */
export async function touchCredentials(
  db: Queryable,
  used: readonly { readonly id: string; readonly atMs: number; readonly address: string }[],
): Promise<void> {
  await db.query(
    `update field_credential c set last_used_at = n.at, last_address = n.address
     from unnest($1::uuid[], $2::timestamptz[], $3::text[]) n(id, at, address) where c.id = n.id`,
    [used.map(({ id }) => id), used.map(({ atMs }) => new Date(atMs)), used.map(({ address }) => address)],
  );
}

export interface MosquittoRow {
  readonly deviceId: string;
  readonly password: string;
}

/** What a password file of mosquitto holds: the newest password of each device, for it knows one a name. */
export async function readMosquittoPasswords(db: Queryable, now: Date): Promise<MosquittoRow[]> {
  const { rows } = await db.query<MosquittoRow>(
    `select distinct on (c.device_id) c.device_id as "deviceId", c.secret_mosquitto as password
     from field_credential c
       join device d on d.id = c.device_id and d.valid_to = 'infinity' and d.lifecycle <> 'retired'
     where c.kind = 'password' and c.expires_at > $1
     order by c.device_id, c.created_at desc, c.id`,
    [now],
  );
  return rows;
}

/** Ids of the devices that stand, for brokers that cannot ask by prefix. */
export async function readDeviceIds(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from device where valid_to = 'infinity' order by id`,
  );
  return rows.map(({ id }) => id);
}
