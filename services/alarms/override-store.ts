import type { RuleOverride } from '#schemas/alarm.ts';
import type { AlarmRuleOverride } from '#schemas/api/alarm-rules.ts';
import type { Queryable } from '#infra/postgres.ts';

interface OverrideRow extends Omit<AlarmRuleOverride, 'validFrom' | 'validTo'> {
  readonly validFrom: Date;
  readonly validTo: Date | null;
}

const columns = `rule_id as "ruleId", device_id as "deviceId", version, valid_from as "validFrom",
  case when valid_to < 'infinity' then valid_to end as "validTo", author, reason, definition`;

function toOverride(row: OverrideRow): AlarmRuleOverride {
  return {
    ...row,
    validFrom: row.validFrom.toISOString(),
    validTo: row.validTo?.toISOString() ?? null,
  };
}

/** Closes what stands and opens the next; null: as the rule says. */
export async function writeOverride(
  client: Queryable,
  row: {
    readonly ruleId: string;
    readonly deviceId: string;
    readonly definition: RuleOverride | null;
    readonly author: string;
    readonly reason: string;
  },
): Promise<AlarmRuleOverride> {
  const { ruleId, deviceId, definition, author, reason } = row;
  await client.query(
    `update alarm_rule_override set valid_to = now()
     where rule_id = $1 and device_id = $2 and valid_to = 'infinity'`,
    [ruleId, deviceId],
  );
  const { rows } = await client.query<OverrideRow>(
    `insert into alarm_rule_override (rule_id, device_id, version, author, reason, definition)
     select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5::jsonb from alarm_rule_override
     where rule_id = $1 and device_id = $2
     returning ${columns}`,
    [ruleId, deviceId, author, reason, definition === null ? null : JSON.stringify(definition)],
  );
  const [written] = rows;
  if (written === undefined) throw new Error(`The override of ${ruleId} at ${deviceId} was not written`);
  return toOverride(written);
}

/** What stands, by rule or by device; what was ended (`inherit`) is left out. */
export async function listOverrides(
  db: Queryable,
  of: { readonly ruleId?: string; readonly deviceId?: string },
): Promise<AlarmRuleOverride[]> {
  const { rows } = await db.query<OverrideRow>(
    `select ${columns} from alarm_rule_override
     where valid_to = 'infinity' and definition is not null
       and ($1::text is null or rule_id = $1) and ($2::text is null or device_id = $2)
     order by rule_id, device_id limit 10000`,
    [of.ruleId ?? null, of.deviceId ?? null],
  );
  return rows.map(toOverride);
}

/** Every version at one device, newest first. */
export async function overrideHistory(
  db: Queryable,
  of: { readonly ruleId: string; readonly deviceId: string },
): Promise<AlarmRuleOverride[]> {
  const { rows } = await db.query<OverrideRow>(
    `select ${columns} from alarm_rule_override where rule_id = $1 and device_id = $2 order by version desc limit 1000`,
    [of.ruleId, of.deviceId],
  );
  return rows.map(toOverride);
}
