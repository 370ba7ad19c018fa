import type { AlarmRuleBody } from '#schemas/alarm.ts';
import type { MetricDefinition } from '#schemas/device-class.ts';
import type { Queryable } from '#infra/postgres.ts';

/** Writers of rules wait for each other; readers do not. */
export async function lockRules(client: Queryable): Promise<void> {
  await client.query('lock table alarm_rule in share row exclusive mode');
}

/** Opens a version of a rule; the one before is closed at the same instant. */
export async function insertRule(
  client: Queryable,
  rule: {
    readonly body: AlarmRuleBody;
    readonly version: number;
    readonly author: string;
    readonly reason: string;
  },
): Promise<void> {
  const { id, ...definition } = rule.body;
  await client.query(`update alarm_rule set valid_to = now() where id = $1 and valid_to = 'infinity'`, [id]);
  await client.query(
    `insert into alarm_rule (id, version, author, reason, definition) values ($1, $2, $3, $4, $5)`,
    [id, rule.version, rule.author, rule.reason, JSON.stringify(definition)],
  );
}

/** A point of a device that there is now, in service or not. */
export interface NamedPoint {
  readonly deviceClass: string;
  readonly metric: string;
  readonly definition: MetricDefinition | null;
}

/** @returns undefined when there is no such point */
export async function findPoint(db: Queryable, key: string): Promise<NamedPoint | undefined> {
  const { rows } = await db.query<NamedPoint>(
    `select coalesce(d.class, '') as "deviceClass", p.metric, p.definition
     from point p left join device d on d.id = p.device_id and d.valid_to = 'infinity'
     where p.device_id = split_part($1, '.', 1) and p.metric = split_part($1, '.', 2)`,
    [key],
  );
  return rows[0];
}

export async function spaceExists(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(`select from space where id = $1 and valid_to = 'infinity'`, [id]);
  return rowCount !== 0;
}

/** The class of a device that there is now. */
export async function deviceClassOf(db: Queryable, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ class: string }>(
    `select class from device where id = $1 and valid_to = 'infinity'`,
    [id],
  );
  return rows[0]?.class;
}

/** Whether some device has the tag now. */
export async function tagExists(db: Queryable, tag: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from device, unnest(string_to_array(attributes ->> 'tags', ',')) as t
     where valid_to = 'infinity' and trim(t) = $1 limit 1`,
    [tag],
  );
  return rowCount !== 0;
}
