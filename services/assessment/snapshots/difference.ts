import type { Decided, Measurement, Score } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { attestationMeasure } from '#schemas/rubric-forms.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import type { Facts, Member } from '../measure.ts';
import { derivations } from '../measures/derivations.ts';

/** One item on one day, with what it came from where that is still kept. */
export interface ItemState {
  readonly score: Score & { readonly decided?: Decided };
  readonly measurement: Measurement;
  readonly measure: string;
  readonly measureVersion: number;
  /** Null when they were dropped. */
  readonly facts: Facts | null;
}

/**
 * Why an item is not what it was: `rules` the rubric or the measure; `registry` devices, places and who left them out;
 * `records` of a register; `readings` (and the events of a function); `functions` proven or not; `missing` what keeps it
 * from a verdict; `period` that moved on, with nothing else to name.
 */
export const causeKinds = [
  'rules',
  'registry',
  'records',
  'readings',
  'functions',
  'missing',
  'period',
] as const;
export type CauseKind = (typeof causeKinds)[number];

export interface Cause {
  readonly kind: CauseKind;
  /** Of the device, place, record or function; empty where it is none of these. */
  readonly id: string;
  readonly name: Bilingual | null;
  readonly before: Bilingual | null;
  readonly after: Bilingual | null;
  /** The point whose readings show it. */
  readonly point: string | null;
}

/** Whether the points of an item are others, or it became determined or stopped being so. */
export function hasChanged(before: Score | null, after: Score | null): boolean {
  const [a, b] = [before?.points ?? null, after?.points ?? null];
  return a?.min !== b?.min || a?.max !== b?.max;
}

/**
 * What made an item what it is instead of what it was. Pure; at least one cause when the points differ.
 * @param sameRules whether both days were scored by the same text of the rubric
 */
export function causesOf(
  item: RubricItem,
  { before, after, sameRules }: { before: ItemState; after: ItemState; sameRules: boolean },
): Cause[] {
  const causes = [
    ...ruleCauses(before, after, sameRules),
    ...claimCauses(before, after),
    ...decisionCauses(before, after),
  ];
  const sides = [membersOf(item, before), membersOf(item, after)] as const;
  if (sides[0] !== null && sides[1] !== null) {
    causes.push(...recordCauses(before.facts, after.facts));
    causes.push(...memberCauses(sides[0], sides[1]));
  }
  causes.push(...functionCauses(item, before.measurement, after.measurement));
  causes.push(...missingCauses(before.measurement, after.measurement));
  if (causes.length > 0) return causes;
  return [
    {
      kind: 'period',
      id: '',
      name: null,
      before: before.score.reason,
      after: after.score.reason,
      point: null,
    },
  ];
}

function ruleCauses(before: ItemState, after: ItemState, sameRules: boolean): Cause[] {
  // A claim in the place of a measure is no other rule.
  const isClaim = [before, after].some(({ measure }) => measure === attestationMeasure);
  const same =
    isClaim || (before.measure === after.measure && before.measureVersion === after.measureVersion);
  const told = ({ measure, measureVersion }: ItemState): Bilingual => {
    const text = `${measure} v${measureVersion}`;
    return { zh: text, en: text };
  };
  const base = { kind: 'rules', id: '', name: null, point: null } as const;
  return [
    ...(same ? [] : [{ ...base, before: told(before), after: told(after) }]),
    ...(sameRules
      ? []
      : [
          {
            ...base,
            before: { zh: '原评分细则文本', en: 'The former text of the rubric' },
            after: { zh: '新评分细则文本', en: 'The present text of the rubric' },
          },
        ]),
  ];
}

/** A claim that was approved, or stopped standing, in the place of what is computed. */
function claimCauses(before: ItemState, after: ItemState): Cause[] {
  const isClaimed = ({ score }: ItemState) => score.basis === 'attested';
  if (isClaimed(before) === isClaimed(after)) return [];
  const { reason: old } = before.score;
  return [{ kind: 'records', id: 'claim', name: null, before: old, after: after.score.reason, point: null }];
}

/** What an assessor decided inside a range. */
function decisionCauses(before: ItemState, after: ItemState): Cause[] {
  const told = ({ score: { decided } }: ItemState): Bilingual | null => {
    if (decided === undefined) return null;
    const { points, by, reason } = decided;
    return { zh: `${by} 评定 ${points} 分：${reason}`, en: `${by} decided on ${points} points: ${reason}` };
  };
  const [was, is] = [told(before), told(after)];
  if (was?.en === is?.en) return [];
  return [{ kind: 'records', id: 'decision', name: null, before: was, after: is, point: null }];
}

interface Side {
  readonly members: ReadonlyMap<string, Member>;
  /** What the facts say of each, registry apart from readings. */
  readonly facts: Facts;
}

/** Null when the facts are gone, or of a measure that this program does not know any more. */
function membersOf(item: RubricItem, { facts, measure, measureVersion }: ItemState): Side | null {
  const derivation = derivations.get(measure);
  if (facts === null || derivation?.version !== measureVersion) return null;
  try {
    const members = derivation.members(facts, item);
    return { facts, members: new Map(members.map((member) => [member.deviceId, member])) };
  } catch {
    // The item asks for something else by now: its facts do not fit it.
    return null;
  }
}

function memberCauses(before: Side, after: Side): Cause[] {
  const causes: Cause[] = [];
  const registry = { before: registryOf(before.facts), after: registryOf(after.facts) };
  for (const id of new Set([...before.members.keys(), ...after.members.keys()])) {
    const [a, b] = [before.members.get(id), after.members.get(id)];
    if (a?.standing === b?.standing) continue;
    const isRegistry =
      a === undefined || b === undefined || registry.before.get(id) !== registry.after.get(id);
    // Records and claims are named `register/code`, which no device and no space can be.
    const isRecord = id.includes('/');
    causes.push({
      kind: isRecord ? 'records' : isRegistry ? 'registry' : 'readings',
      id,
      name: named((b ?? a)?.name ?? id),
      before: a === undefined ? null : standingText(a),
      after: b === undefined ? null : standingText(b),
      point: (b ?? a)?.point ?? null,
    });
  }
  return causes.length > 0 ? causes : figureCauses(before, after);
}

/** Nobody came or went: then the figures of those who stayed made the number. */
function figureCauses(before: Side, after: Side): Cause[] {
  return [...after.members.values()].flatMap((member): Cause[] => {
    const old = before.members.get(member.deviceId);
    if (old === undefined || old.reason.en === member.reason.en) return [];
    return [
      {
        kind: 'readings',
        id: member.deviceId,
        name: named(member.name),
        before: old.reason,
        after: member.reason,
        point: member.point,
      },
    ];
  });
}

const standingWords: Readonly<Record<Member['standing'], Bilingual>> = {
  counted: { zh: '计入', en: 'counted' },
  'not-counted': { zh: '未计入', en: 'not counted' },
  excluded: { zh: '不在统计范围', en: 'not in the population' },
};

function standingText({ standing, reason }: Member): Bilingual {
  const { zh, en } = standingWords[standing];
  return { zh: `${zh}：${reason.zh}`, en: `${en}: ${reason.en}` };
}

const named = (name: string): Bilingual => ({ zh: name, en: name });

/** What the registry, and nobody's readings, says of a device or place. */
const registryFields = [
  'name',
  'class',
  'provenance',
  'service',
  'exclusion',
  'spaceId',
  'deviceIds',
] as const;

function registryOf(facts: Facts): Map<string, string> {
  const found = new Map<string, string>();
  visit(facts, (entry) => {
    const id = entry['deviceId'] ?? entry['spaceId'];
    if (typeof id !== 'string' || registryFields.every((field) => entry[field] === undefined)) return;
    const own = registryFields.map((field) => JSON.stringify(entry[field] ?? null)).join();
    found.set(id, `${found.get(id) ?? ''}${own}`);
  });
  return found;
}

/** Records of registers by kind and code, however deep a measure keeps them. */
function recordsIn(facts: Facts | null): Map<string, { title: string; sha256: string }> {
  const found = new Map<string, { title: string; sha256: string }>();
  visit(facts, (entry) => {
    const { kind, code, title, sha256 } = entry;
    if (typeof kind !== 'string' || typeof code !== 'string' || typeof sha256 !== 'string') return;
    found.set(`${kind}/${code}`, { title: typeof title === 'string' ? title : code, sha256 });
  });
  return found;
}

function recordCauses(before: Facts | null, after: Facts | null): Cause[] {
  const [old, own] = [recordsIn(before), recordsIn(after)];
  return [...new Set([...old.keys(), ...own.keys()])].flatMap((id): Cause[] => {
    const [a, b] = [old.get(id), own.get(id)];
    if (a?.sha256 === b?.sha256) return [];
    return [
      {
        kind: 'records',
        id,
        name: named((b ?? a)?.title ?? id),
        before: a === undefined ? null : { zh: '原记录', en: 'The record as it was' },
        after:
          b === undefined
            ? null
            : a === undefined
              ? { zh: '新增记录', en: 'A new record' }
              : { zh: '记录已修改', en: 'The record was changed' },
        point: null,
      },
    ];
  });
}

function functionCauses(item: RubricItem, before: Measurement, after: Measurement): Cause[] {
  const old = new Map((before.functions ?? []).map((entry) => [entry.id, entry]));
  return (after.functions ?? []).flatMap((entry): Cause[] => {
    const was = old.get(entry.id);
    if (was?.state === entry.state) return [];
    return [
      {
        kind: 'functions',
        id: entry.id,
        name: item.functions.find(({ id }) => id === entry.id)?.name ?? null,
        before: was?.reason ?? null,
        after: entry.reason,
        point: null,
      },
    ];
  });
}

function missingCauses(before: Measurement, after: Measurement): Cause[] {
  const text = (measurement: Measurement): Bilingual | null =>
    measurement.missing.length === 0
      ? null
      : {
          zh: measurement.missing.map(({ zh }) => zh).join('；'),
          en: measurement.missing.map(({ en }) => en).join('; '),
        };
  const [a, b] = [text(before), text(after)];
  if (a?.en === b?.en) return [];
  return [{ kind: 'missing', id: '', name: null, before: a, after: b, point: null }];
}

function visit(value: unknown, look: (entry: Readonly<Record<string, unknown>>) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) look(value as Record<string, unknown>);
  for (const member of Object.values(value)) visit(member, look);
}
