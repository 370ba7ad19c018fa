import {
  channelBodySchema,
  reportBodySchema,
  rosterBodySchema,
  routeBodySchema,
  teamBodySchema,
  preferencesSchema,
} from '#schemas/notify.ts';
import type {
  ChannelBody,
  Preferences,
  PushAddress,
  ReportBody,
  Roster,
  RouteBody,
  TeamBody,
} from '#schemas/notify.ts';
import { alarmHandlers, type Role } from '#schemas/roles.ts';
import type { WallClock } from '#schemas/wall-clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import { loadHolidays } from '#services/alarms/target-store.ts';
import type { Book, Person } from './book.ts';

export const settingKinds = ['channel', 'team', 'roster', 'route', 'report'] as const;
export type SettingKind = (typeof settingKinds)[number];
/** What a kind of setting is. */
export interface Settings {
  readonly channel: ChannelBody;
  readonly team: TeamBody;
  readonly roster: Roster;
  readonly route: RouteBody;
  readonly report: ReportBody;
}

const schemas = {
  channel: channelBodySchema,
  team: teamBodySchema,
  roster: rosterBodySchema,
  route: routeBodySchema,
  report: reportBodySchema,
};

interface SettingRow {
  readonly kind: SettingKind;
  readonly id: string;
  readonly definition: object;
}

/** A row as it was validated when it was written; a later version may have given it new fields with defaults. */
function toSetting<K extends SettingKind>(
  kind: K,
  { id, definition }: Omit<SettingRow, 'kind'>,
): Settings[K] {
  return schemas[kind].parse({ id, ...definition }) as Settings[K];
}

/** In the order of their ids; a park has dozens of each. */
export async function listSettings<K extends SettingKind>(db: Queryable, kind: K): Promise<Settings[K][]> {
  const { rows } = await db.query<SettingRow>(
    'select kind, id, definition from notify_setting where kind = $1 order by id',
    [kind],
  );
  return rows.map((row) => toSetting(kind, row));
}

export async function findSetting<K extends SettingKind>(
  db: Queryable,
  kind: K,
  id: string,
): Promise<Settings[K] | undefined> {
  const { rows } = await db.query<SettingRow>(
    'select kind, id, definition from notify_setting where kind = $1 and id = $2',
    [kind, id],
  );
  return rows.map((row) => toSetting(kind, row))[0];
}

/** Settings are few and refer to each other: one is changed at a time. */
export async function lockSettings(client: Queryable): Promise<void> {
  await client.query('lock table notify_setting in share row exclusive mode');
}

export async function putSetting(
  client: Queryable,
  kind: SettingKind,
  { id, ...definition }: Settings[SettingKind],
): Promise<void> {
  await client.query(
    `insert into notify_setting (kind, id, definition) values ($1, $2, $3)
     on conflict (kind, id) do update set definition = excluded.definition`,
    [kind, id, JSON.stringify(definition)],
  );
}

export async function deleteSetting(client: Queryable, kind: SettingKind, id: string): Promise<void> {
  await client.query('delete from notify_setting where kind = $1 and id = $2', [kind, id]);
}

export async function countSettings(client: Queryable, kind: SettingKind): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from notify_setting where kind = $1',
    [kind],
  );
  return rows[0]?.count ?? 0;
}

/** Undefined where the channel has no secret. */
export async function readSecret(db: Queryable, channelId: string): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ secret: Buffer | null }>(
    `select secret from notify_setting where kind = 'channel' and id = $1`,
    [channelId],
  );
  return rows[0]?.secret ?? undefined;
}

export async function writeSecret(
  client: Queryable,
  channelId: string,
  secret: Buffer | null,
): Promise<void> {
  await client.query(`update notify_setting set secret = $2 where kind = 'channel' and id = $1`, [
    channelId,
    secret,
  ]);
}

interface PersonRow {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly isActive: boolean;
  readonly preferences: object | null;
  readonly browsers: readonly PushAddress[];
}

/** Everybody with an account, in the order of their names. */
export async function listPeople(
  db: Queryable,
  nowMs: number,
): Promise<(Person & { readonly role: Role })[]> {
  const { rows } = await db.query<PersonRow>(
    `select u.id as "userId", u.username, u.display_name as "displayName", u.role, p.preferences,
            coalesce((select json_agg(json_build_object('endpoint', b.endpoint, 'p256dh', b.p256dh, 'auth', b.auth))
                      from notify_push b where b.username = u.username), '[]') as browsers,
            not u.disabled and (u.expires_at is null or u.expires_at > to_timestamp($1::float8 / 1000)) as "isActive"
     from park_user u left join notify_person p on p.username = u.username order by u.username`,
    [nowMs],
  );
  return rows.map((row) => ({
    ...row,
    isAdmin: row.role === 'admin',
    mayHandle: alarmHandlers.includes(row.role),
    preferences: preferencesSchema.parse(row.preferences ?? {}),
  }));
}

export async function readPreferences(db: Queryable, username: string): Promise<Preferences> {
  const { rows } = await db.query<{ preferences: object }>(
    'select preferences from notify_person where username = $1',
    [username],
  );
  return preferencesSchema.parse(rows[0]?.preferences ?? {});
}

export async function writePreferences(
  client: Queryable,
  username: string,
  preferences: Preferences,
): Promise<void> {
  await client.query(
    `insert into notify_person (username, preferences) values ($1, $2)
     on conflict (username) do update set preferences = excluded.preferences`,
    [username, JSON.stringify(preferences)],
  );
}

/** Everything that decides who is told, in one snapshot. */
export async function loadBook(db: Queryable, clock: WallClock, nowMs: number): Promise<Book> {
  const { rows } = await db.query<SettingRow>(
    'select kind, id, definition from notify_setting order by kind, id',
  );
  const people = await listPeople(db, nowMs);
  const calendar = await loadHolidays(db);
  const all = <K extends SettingKind>(kind: K) =>
    rows.filter((row) => row.kind === kind).map((row) => toSetting(kind, row));
  const byId = <T extends { readonly id: string }>(items: readonly T[]) =>
    new Map(items.map((item) => [item.id, item]));
  return {
    channels: byId(all('channel')),
    teams: byId(all('team')),
    rosters: byId(all('roster')),
    routes: all('route').toSorted((a, b) => a.position - b.position || a.id.localeCompare(b.id)),
    reports: all('report'),
    people: new Map(people.map((person) => [person.username, person])),
    clock,
    calendar,
  };
}
