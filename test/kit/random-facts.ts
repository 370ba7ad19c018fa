import type { Proof } from '#schemas/rubric-proof.ts';
import type { RecordFilter, RecordRule } from '#schemas/rubric-records.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import type { ProofFacts } from '#services/assessment/measures/functions/facts.ts';
import { isFunctionProof } from '#services/assessment/measures/functions/derive.ts';
import { givenOf, isFoundProof, questionOf } from '#services/assessment/measures/parts/facts.ts';
import { companyField, fieldsOf, registersOf } from '#services/assessment/measures/records/facts.ts';
import type { Chance } from '#test/simulation/sim.ts';

import {
  base,
  dayMs,
  endMs,
  environmentMonitoring,
  iso,
  lastDay,
  live,
  local,
  randomDays,
  randomDevice,
  registry,
  remoteMetering,
  someOf,
  spaceCoverage,
  spacesOf,
  startMs,
  upTo,
  videoQuality,
  videoRetention,
  words,
} from './random-device-facts.ts';

/**
 * Facts of a park that never was, for any item of any rubric: as likely on one side of each bound as on the other. They show
 * whether two verifiers come to the same, not what a park looks like.
 */

interface Shown {
  readonly devices: readonly string[];
  readonly days: number;
}

function proofFacts(chance: Chance, proof: Proof, { devices, days }: Shown): ProofFacts {
  const some = someOf(chance, devices, 0.5);
  const from = iso(startMs);
  switch (proof.kind) {
    case 'live':
      return {
        kind: 'live',
        candidates: some.map((id) => live(chance, id, days)),
        spaces: spacesOf(chance, devices),
      };
    case 'state':
      return {
        kind: 'state',
        devices: some.map((deviceId) => ({
          deviceId,
          point: `${deviceId}.x`,
          reading: chance.hits(0.8)
            ? { time: iso(endMs), state: chance.hits(0.8) ? (proof.states[0] ?? '') : 'other' }
            : null,
        })),
      };
    case 'due':
      return {
        kind: 'due',
        lastDay,
        devices: some.map((deviceId) => ({
          deviceId,
          date: chance.pick([null, 'soon', lastDay, '2099-01-01', '2099-01-01', '2020-01-01']),
        })),
      };
    case 'rule':
      return { kind: 'rule', rules: chance.hits(0.5) ? [{ ruleId: 'r', version: 1 }] : [] };
    case 'publication':
      return {
        kind: 'publication',
        from,
        displays: some,
        publications: upTo(chance, 2).map((n) => ({
          publication: `p-${n}`,
          time: iso(endMs),
          deviceIds: chance.pick([some, some.slice(0, 1), [...devices]]),
        })),
      };
    default: {
      const attempts = chance.pick([null, 0, 3]);
      const occurrences = some.map((deviceId) => ({
        time: iso(endMs),
        deviceId,
        what: 'x',
        ref: 'event:1',
        by: null,
      }));
      return { kind: proof.kind, from, occurrences, suitable: 2, attempts };
    }
  }
}

function functionsOf(chance: Chance, item: RubricItem) {
  const days = randomDays(chance);
  const devices = upTo(chance, 5).map((n) => randomDevice(chance, `d-${n}`));
  const shown = { devices: devices.map(({ deviceId }) => deviceId), days: days.length };
  const functions = item.functions.flatMap(({ id, proofs }) =>
    proofs === undefined
      ? []
      : [{ id, proofs: proofs.filter(isFunctionProof).map((proof) => proofFacts(chance, proof, shown)) }],
  );
  const ids = item.functions.map(({ id }) => id);
  const shared = item.sharedKey === undefined ? null : { functions: someOf(chance, ids, 0.6) };
  return { ...base('functions'), item: item.id, days, devices, functions, shared };
}

function filtersOf(rule: RecordRule): RecordFilter {
  const found: RecordFilter[] = [];
  for (const value of Object.values(rule)) if (Array.isArray(value)) found.push(value as RecordFilter);
  if (rule.kind === 'best') for (const { where } of rule.bands) found.push(where);
  return found.flat().filter((one) => typeof one === 'object');
}

/** A value that the rule may look for, or another. */
function fieldValue(chance: Chance, rule: RecordRule, field: string): string | number | boolean | string[] {
  const wanted = filtersOf(rule).flatMap((one) => one[field] ?? []);
  const levels = rule.kind === 'levels' && field === rule.field ? rule.levels.map(({ value }) => value) : [];
  const isNumber =
    (rule.kind === 'sum-share' && (field === rule.of || rule.counted.includes(field))) ||
    (rule.kind === 'largest' && field === rule.field) ||
    (rule.kind === 'either' && field === rule.amount);
  if (isNumber) return chance.between(0, 400) / 7;
  if (field === companyField(rule)) return `c-${chance.between(1, 4)}`;
  const all = [...wanted, ...levels, 'other'];
  const value = chance.pick(all as [string | boolean, ...(string | boolean)[]]);
  return typeof value === 'string' && levels.length === 0 && chance.hits(0.2) ? [value, 'other'] : value;
}

function serviceFields(chance: Chance, rule: RecordRule, item: RubricItem) {
  if (rule.kind !== 'services') return {};
  const wanted = item.functions.map(({ id }) => `${rule.area}.${id}`);
  const channels = chance.pick([['online', 'offline'], ['online', 'offline'], ['online']]);
  return {
    type: chance.pick(['other.x', ...wanted, ...wanted]),
    channels,
    enterprise: `c-${chance.between(1, 4)}`,
    success: chance.hits(0.5),
  };
}

function recordFacts(chance: Chance, rule: RecordRule, item: RubricItem) {
  const ids = registersOf(rule);
  const registers = ids.map((id) => ({
    id,
    name: words,
    events: id === 'service-case' || chance.hits(0.3),
    kept: chance.hits(0.85),
  }));
  const stand = (from: number, length: number) => ({
    from: local(startMs + from * dayMs),
    until: chance.hits(0.6) ? null : local(startMs + (from + length) * dayMs),
  });
  const one = (kind: string, code: string, from: number) => ({
    kind,
    code,
    title: `记录 ${code}`,
    ...stand(from, chance.between(0, 8)),
    sha256: '0'.repeat(64),
    provenance: chance.pick(['field', 'field', 'simulated']),
    documents: [],
    reviewBy: chance.pick([null, null, lastDay, '2020-01-01', '2099-01-01']),
    fields: {} as object,
  });
  const records = ids.flatMap((kind) =>
    upTo(chance, 12).map((n) => {
      const named = fieldsOf(rule).filter(() => chance.hits(0.95));
      const fields = Object.fromEntries(named.map((field) => [field, fieldValue(chance, rule, field)]));
      const record = one(kind, `r-${String(n >> 1).padStart(2, '0')}`, chance.between(0, 5) + (n % 2) * 5);
      return { ...record, fields: { ...fields, ...serviceFields(chance, rule, item) } };
    }),
  );
  const companies = upTo(chance, 4).map((n) => one('enterprise', `c-${n}`, chance.between(-5, 5)));
  return { ...base('records'), fromDay: local(startMs), toDay: lastDay, records, companies, registers };
}

/** Facts of another measure that a part of the item asks. */
function foundFacts(chance: Chance, question: { measure: string; item: RubricItem }): object {
  return { ...measureFacts(chance, question.measure, question.item), item: question.item.id };
}

function partsFacts(chance: Chance, item: RubricItem) {
  const inputs: object[] = [];
  const add = (facts: object) => inputs.push(facts) - 1;
  const found = item.functions.flatMap(({ id, proofs = [] }) =>
    proofs.filter(isFoundProof).map((proof) => {
      const given = givenOf(item, proof);
      return {
        part: id,
        input: add(foundFacts(chance, questionOf(item, proof))),
        given: given === null ? null : add(foundFacts(chance, given)),
      };
    }),
  );
  return { ...functionsOf(chance, item), measure: 'parts', inputs, found };
}

function claimsOf(chance: Chance, item: RubricItem) {
  const ids = item.functions.map(({ id }) => id);
  const grade = item.bands[0] === undefined ? {} : { grade: item.bands[0].id };
  const claims = upTo(chance, 3).map((n) => ({
    id: `claim-${n}`,
    sha256: '0'.repeat(64),
    state: chance.pick(['approved', 'approved', 'pending', 'refused', 'withdrawn']),
    content: { ...grade, functions: someOf(chance, ids, 0.5) },
    statement: '如实',
    documents: [],
    from: chance.pick([local(startMs), lastDay, '2099-01-01']),
    until: chance.pick(['2099-12-31', lastDay, local(startMs)]),
    author: 'a',
    claimedAt: iso(startMs),
    decider: 'b',
    decidedAt: iso(startMs + ((n * 7) % 3) * dayMs),
    decisionReason: '已核',
    ...(chance.hits(0.3) ? { provenance: 'simulated' } : {}),
  }));
  return { ...base('attestation'), lastDay, claims };
}

function measureFacts(chance: Chance, measure: string, item: RubricItem): object {
  switch (measure) {
    case 'remote-metering':
      return remoteMetering(chance);
    case 'video-retention':
      return videoRetention(chance);
    case 'video-quality':
      return videoQuality(chance);
    case 'environment-monitoring':
      return environmentMonitoring(chance);
    case 'space-coverage':
      return spaceCoverage(chance);
    case 'registry':
      return registry(chance);
    case 'functions':
      return functionsOf(chance, item);
    case 'parts':
      return partsFacts(chance, item);
    case 'attestation':
      return claimsOf(chance, item);
    case 'records':
      if (item.records === undefined) throw new Error(`${item.id} has no rule`);
      return recordFacts(chance, item.records, item);
    default:
      throw new Error(`no facts are made for ${measure}: add them here`);
  }
}

/** Facts of the measure that the item goes by. */
export function randomFacts(chance: Chance, item: RubricItem): object {
  const measure = item.measure ?? 'attestation';
  const facts = measureFacts(chance, measure, item);
  const isPlain = ['remote-metering', 'video-retention', 'video-quality', 'environment-monitoring'];
  return isPlain.includes(measure) ? facts : { ...facts, item: item.id };
}
