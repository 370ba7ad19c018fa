import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { alarmRuleBodySchema, type AlarmRuleBody, type AlarmTransition } from '#schemas/alarm.ts';
import type { AlarmRule, alarmRulePatchBody } from '#schemas/api/alarms.ts';
import { contradictedLimits } from '#schemas/alarm-problems.ts';
import { ParkError } from '#schemas/errors.ts';
import type { Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type DatabaseClient, type Queryable } from '#infra/postgres.ts';
import { noteAcknowledgement } from './acknowledgement-store.ts';
import { countAcknowledgements, lockAlarm, setAcknowledged } from './alarm-store.ts';
import { defaultRules } from './default-rules.ts';
import { checkRule } from './rule-check.ts';
import { insertRule, lockRules } from './rule-store.ts';
import { loadRule, loadRules, type RuleVersion } from './state-store.ts';
import { appendTransitions, type NewTransition } from './transition-store.ts';

export interface AlarmDeps {
  readonly db: Database;
  readonly bus: Bus;
  readonly clock: Clock;
}

export interface AlarmRouteDeps extends AlarmDeps {
  /** IANA zone of the park: planned work and figures are told in its time. */
  readonly timeZone: string;
}

/**
 * Acknowledges an alarm, with a comment. The first one acknowledges; what a second person says is kept as a comment
 * of theirs, and the alarm tells who was first. Saying the same again changes nothing.
 * @throws ParkError not-found; conflict where only the first was asked for and somebody else was
 */
export async function acknowledgeAlarm(
  deps: AlarmDeps,
  request: {
    readonly id: number;
    readonly actor: string;
    readonly comment: string;
    /** Say nothing as a second one. */
    readonly onlyFirst?: boolean;
  },
): Promise<AlarmTransition> {
  const { id, actor, comment } = request;
  const transition = await transaction(deps.db, async (client) => {
    const alarm = await lockAlarm(client, id);
    if (alarm === undefined) throw new ParkError('not-found', `There is no alarm ${id}`);
    const said = { alarmId: id, timeMs: deps.clock.nowMs(), actor, reason: comment, value: null };
    const isRepeat = alarm.acknowledgedBy === actor && alarm.comment === comment;
    if (alarm.acknowledgedBy !== null && !isRepeat) {
      if (request.onlyFirst === true) {
        throw new ParkError('conflict', `Alarm ${id} was acknowledged by ${alarm.acknowledgedBy}`);
      }
      const key = createHash('sha256').update(`${actor}\n${comment}`).digest('hex');
      return append(client, { ...said, kind: 'commented', key });
    }
    const before = await countAcknowledgements(client, id);
    if (!isRepeat) {
      await setAcknowledged(client, { id, atMs: said.timeMs, actor, comment });
      await noteAcknowledgement(client, { alarmId: id, atMs: said.timeMs, actor, comment });
      await appendAudit(client, {
        actor,
        action: 'alarm.acknowledge',
        object: `alarm:${id}`,
        reason: comment,
      });
    }
    const turn = isRepeat ? before - 1 : before;
    return append(client, { ...said, kind: 'acknowledged', key: turn <= 0 ? '' : `again ${turn}` });
  });
  deps.bus.publish('alarm', transition);
  return transition;
}

async function append(client: Queryable, row: NewTransition): Promise<AlarmTransition> {
  const [transition] = await appendTransitions(client, [row]);
  if (transition === undefined) throw new Error(`Alarm ${row.alarmId} vanished while it was locked`);
  return transition;
}

/** What of a rule is to change; what is absent or undefined stays. */
export type RulePatch = Omit<z.infer<typeof alarmRulePatchBody>, 'reason'>;

/** Who changes a rule, and why. */
export interface RuleAuthor {
  readonly actor: string;
  readonly reason: string;
}

/**
 * Adds a rule.
 * @throws ParkError already-exists, invalid-request (the target names nothing)
 */
export async function createRule(deps: AlarmDeps, body: AlarmRuleBody, by: RuleAuthor): Promise<AlarmRule> {
  const rule = await transaction(deps.db, async (client) => {
    await lockRules(client);
    if ((await loadRule(client, body.id)) !== undefined) {
      throw new ParkError('already-exists', `There is an alarm rule ${body.id} already`);
    }
    return writeVersion(client, { body, version: 1, before: null, by });
  });
  deps.bus.publish('registry', { changed: 'rules' });
  return rule;
}

/**
 * Changes a rule: a new version from now on. What it judges differently ends the occurrences of the old one.
 * @throws ParkError not-found, invalid-request
 */
export async function changeRule(
  deps: AlarmDeps,
  change: { readonly id: string; readonly patch: RulePatch },
  by: RuleAuthor,
): Promise<AlarmRule> {
  const rule = await transaction(deps.db, async (client) => {
    await lockRules(client);
    const current = await loadRule(client, change.id);
    if (current === undefined) throw new ParkError('not-found', `There is no alarm rule ${change.id}`);
    const given = Object.entries(change.patch)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, value === null ? undefined : value]);
    const body = alarmRuleBodySchema.parse({ ...current.body, ...Object.fromEntries(given) });
    return writeVersion(client, { body, version: current.version + 1, before: current.body, by });
  });
  deps.bus.publish('registry', { changed: 'rules' });
  return rule;
}

/** Opens a version of a rule, checked and audited; the caller has locked the rules. */
export async function writeVersion(
  client: DatabaseClient,
  rule: { body: AlarmRuleBody; version: number; before: AlarmRuleBody | null; by: RuleAuthor },
): Promise<AlarmRule> {
  const { body, version, before, by } = rule;
  await checkRule(client, body);
  await checkLimits(client, body);
  await insertRule(client, { body, version, author: by.actor, reason: by.reason });
  await appendAudit(client, {
    actor: by.actor,
    action: before === null ? 'alarm-rule.create' : 'alarm-rule.update',
    object: `alarm-rule:${body.id}`,
    reason: by.reason,
    ...(before === null ? {} : { before }),
    after: body,
  });
  const written = await loadRule(client, body.id);
  if (written === undefined) throw new Error(`Alarm rule ${body.id} was not written`);
  return toRule(written);
}

/** @throws ParkError invalid-request when another rule's limit stands on the wrong side of this one */
async function checkLimits(client: Queryable, body: AlarmRuleBody): Promise<void> {
  if (!body.enabled || body.condition.kind !== 'limit') return;
  const others = (await loadRules(client)).map((rule) => rule.body);
  const problems = contradictedLimits(body, others);
  const [first] = problems;
  if (first !== undefined) throw new ParkError('invalid-request', first.message, problems);
}

/**
 * Takes a rule back to what the program ships.
 * @throws ParkError not-found (no such rule, or not one that it ships)
 */
export function resetRule(deps: AlarmDeps, id: string, by: RuleAuthor): Promise<AlarmRule> {
  const shipped = defaultRules.find((rule) => rule.id === id);
  if (shipped === undefined) throw new ParkError('not-found', `The program ships no rule ${id}`);
  return replaceRule(deps, shipped, by);
}

async function replaceRule(deps: AlarmDeps, body: AlarmRuleBody, by: RuleAuthor): Promise<AlarmRule> {
  const rule = await transaction(deps.db, async (client) => {
    await lockRules(client);
    const current = await loadRule(client, body.id);
    if (current === undefined) throw new ParkError('not-found', `There is no alarm rule ${body.id}`);
    return writeVersion(client, { body, version: current.version + 1, before: current.body, by });
  });
  deps.bus.publish('registry', { changed: 'rules' });
  return rule;
}

/** A version as the API tells it. */
export function toRule(rule: RuleVersion): AlarmRule {
  return {
    ...rule.body,
    version: rule.version,
    validFrom: new Date(rule.validFromMs).toISOString(),
    author: rule.author,
  };
}
