import { alarmRuleBodySchema, type AlarmRuleBody } from '#schemas/alarm.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { JudgeState } from './judge.ts';

/** A version of a rule as it is in force. */
export interface RuleVersion {
  readonly version: number;
  readonly author: string;
  readonly reason: string;
  readonly validFromMs: number;
  readonly body: AlarmRuleBody;
}

/** Times go in and out as epoch ms with fractions down to the microsecond that timestamptz keeps. */
const ruleColumns = `id, version, author, reason, definition,
  (extract(epoch from valid_from) * 1000)::float8 as valid_from_ms`;

interface RuleRow {
  readonly id: string;
  readonly version: number;
  readonly author: string;
  readonly reason: string;
  readonly definition: object;
  readonly valid_from_ms: number;
}

function toRule(row: RuleRow): RuleVersion {
  return {
    version: row.version,
    author: row.author,
    reason: row.reason,
    validFromMs: row.valid_from_ms,
    body: alarmRuleBodySchema.parse({ ...row.definition, id: row.id }),
  };
}

/** The rules in force, disabled ones too, by id. */
export async function loadRules(db: Queryable): Promise<RuleVersion[]> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule where valid_to = 'infinity' order by id`,
  );
  return rows.map(toRule);
}

/** Rules as they stood at an instant (RFC 3339). */
export async function loadRulesAsOf(db: Queryable, asOf: string): Promise<RuleVersion[]> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule where valid_from <= $1 and valid_to > $1 order by id`,
    [asOf],
  );
  return rows.map(toRule);
}

/** Every version of a rule, newest first. */
export async function loadVersions(
  db: Queryable,
  id: string,
): Promise<(RuleVersion & { readonly validToMs: number | null })[]> {
  const { rows } = await db.query<RuleRow & { valid_to_ms: number | null }>(
    `select ${ruleColumns},
            case when valid_to < 'infinity' then (extract(epoch from valid_to) * 1000)::float8 end as valid_to_ms
     from alarm_rule where id = $1 order by version desc limit 1000`,
    [id],
  );
  return rows.map((row) => ({ ...toRule(row), validToMs: row.valid_to_ms }));
}

/** The versions of stored states that do not say themselves what they were judged by. */
export async function loadJudgedVersions(db: Queryable): Promise<RuleVersion[]> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule r
     where exists (select from alarm_state s where s.rule_id = r.id and s.rule_version = r.version
                   and s.judged is null)`,
  );
  return rows.map(toRule);
}

/** @returns undefined when there is no such rule */
export async function loadRule(db: Queryable, id: string): Promise<RuleVersion | undefined> {
  const { rows } = await db.query<RuleRow>(
    `select ${ruleColumns} from alarm_rule where id = $1 and valid_to = 'infinity'`,
    [id],
  );
  return rows[0] === undefined ? undefined : toRule(rows[0]);
}

export interface StoredState {
  readonly ruleId: string;
  readonly object: string;
  readonly ruleVersion: number;
  /** What it was judged by (plan.ts); null for states of before it was kept: the version's own. */
  readonly judged: string | null;
  readonly state: JudgeState;
}

export async function loadStates(db: Queryable): Promise<StoredState[]> {
  const { rows } = await db.query<StoredState>(
    `select rule_id as "ruleId", object, rule_version as "ruleVersion", judged, state from alarm_state`,
  );
  return rows;
}

export async function saveStates(client: Queryable, states: readonly StoredState[]): Promise<void> {
  if (states.length === 0) return;
  await client.query(
    `insert into alarm_state (rule_id, object, rule_version, handled_to, judged, state)
     select rule_id, object, rule_version, to_timestamp(handled_to_ms / 1000), judged, state
     from json_to_recordset($1::json) as s(rule_id text, object text, rule_version int, handled_to_ms float8,
       judged text, state jsonb)
     on conflict (rule_id, object) do update
       set rule_version = excluded.rule_version, handled_to = excluded.handled_to, judged = excluded.judged,
           state = excluded.state`,
    // One text: as elements of an array each state would be escaped once more, thousands every few seconds.
    [
      JSON.stringify(
        states.map(({ ruleId, object, ruleVersion, judged, state }) => ({
          rule_id: ruleId,
          object,
          rule_version: ruleVersion,
          handled_to_ms: state.handledToMs,
          judged,
          state,
        })),
      ),
    ],
  );
}

export async function deleteStates(
  client: Queryable,
  keys: readonly { readonly ruleId: string; readonly object: string }[],
): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `delete from alarm_state s using unnest($1::text[], $2::text[]) as k (rule_id, object)
     where s.rule_id = k.rule_id and s.object = k.object`,
    [keys.map((key) => key.ruleId), keys.map((key) => key.object)],
  );
}

/** The newest onset of each, of those that were ever raised; epoch ms. */
export async function loadOnsets(
  db: Queryable,
  keys: readonly { readonly ruleId: string; readonly object: string }[],
): Promise<{ ruleId: string; object: string; onsetMs: number }[]> {
  if (keys.length === 0) return [];
  const { rows } = await db.query<{ ruleId: string; object: string; onsetMs: number }>(
    `select k.rule_id as "ruleId", k.object, (extract(epoch from newest.onset) * 1000)::float8 as "onsetMs"
     from unnest($1::text[], $2::text[]) as k (rule_id, object)
     cross join lateral (select onset from alarm a where a.rule_id = k.rule_id and a.object = k.object
                         order by onset desc limit 1) newest`,
    [keys.map((key) => key.ruleId), keys.map((key) => key.object)],
  );
  return rows;
}
