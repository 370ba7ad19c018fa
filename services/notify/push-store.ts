import type { PushBrowser } from '#schemas/api/notify.ts';
import type { PushAddress } from '#schemas/notify.ts';
import type { Queryable } from '#infra/postgres.ts';

/** All SQL of browsers that are told by Web Push. */

/** A person has so many; the oldest goes when there is another. */
export const browsersMost = 10;

/** Remembers a browser; one that belonged to somebody else is this person's now: who uses it has changed. */
export async function putBrowser(
  client: Queryable,
  browser: PushAddress & { readonly username: string; readonly label: string; readonly nowMs: number },
): Promise<void> {
  const { username, endpoint, p256dh, auth, label, nowMs } = browser;
  await client.query(
    `insert into notify_push (username, endpoint, p256dh, auth, label, created_at)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))
     on conflict (endpoint) do update set username = excluded.username, p256dh = excluded.p256dh,
       auth = excluded.auth, label = excluded.label`,
    [username, endpoint, p256dh, auth, label, nowMs],
  );
  await client.query(
    `delete from notify_push where username = $1 and id not in (
       select id from notify_push where username = $1 order by id desc limit $2)`,
    [username, browsersMost],
  );
}

export async function listBrowsers(db: Queryable, username: string): Promise<PushBrowser[]> {
  const { rows } = await db.query<Omit<PushBrowser, 'createdAt'> & { createdAt: Date }>(
    `select id::text as id, endpoint, label, created_at as "createdAt" from notify_push
     where username = $1 order by notify_push.id`,
    [username],
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** @returns whether it was there */
export async function removeBrowser(client: Queryable, id: number, username: string): Promise<boolean> {
  const { rowCount } = await client.query('delete from notify_push where id = $1 and username = $2', [
    id,
    username,
  ]);
  return rowCount !== 0;
}

/** Browsers that said they are gone. */
export async function forgetBrowsers(client: Queryable, endpoints: readonly string[]): Promise<void> {
  if (endpoints.length === 0) return;
  await client.query('delete from notify_push where endpoint = any($1::text[])', [endpoints]);
}
