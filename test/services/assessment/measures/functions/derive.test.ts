import { describe, expect, test } from 'vitest';
import { measurementSchema } from '#schemas/assessment.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { functions, isFunctionProof } from '#services/assessment/measures/functions/derive.ts';
import type {
  FunctionsFacts,
  HappenedFacts,
  ProofFacts,
} from '#services/assessment/measures/functions/facts.ts';
import { score } from '#services/assessment/score.ts';

const from = '2026-01-02T16:00:00.000Z';
const to = '2026-01-04T16:00:00.000Z';
const days = [
  { day: '2026-01-03', from, to: '2026-01-03T16:00:00.000Z', watched: true },
  { day: '2026-01-04', from: '2026-01-03T16:00:00.000Z', to, watched: true },
];

function itemOf(id: string): RubricItem {
  const item = rubrics.get('chengdu-2021')?.items.find((entry) => entry.id === id);
  if (item === undefined) throw new Error(`no item ${id}`);
  return item;
}

const device = (deviceId: string, deviceClass: string, provenance: 'field' | 'simulated' = 'field') => ({
  deviceId,
  name: deviceId,
  class: deviceClass,
  provenance,
  service: [{ from: '2025-01-01T00:00:00.000Z', to: null }],
  exclusion: null,
  heldS: 0,
});

function facts(
  item: RubricItem,
  proofs: Readonly<Record<string, readonly ProofFacts[]>>,
  more: Partial<FunctionsFacts> = {},
): FunctionsFacts {
  return {
    measure: 'functions',
    version: functions.version,
    item: item.id,
    from,
    to,
    asOf: '2026-01-05T00:00:00.000Z',
    timeZone: 'Asia/Shanghai',
    days,
    devices: [device('door-1', 'access-door'), device('app-1', 'application', 'simulated')],
    functions: item.functions.flatMap(({ id, proofs: asked }) =>
      asked === undefined
        ? []
        : [{ id, proofs: proofs[id] ?? asked.filter(isFunctionProof).map(({ kind }) => silent(kind)) }],
    ),
    shared: null,
    ...more,
  };
}

/** What a proof finds where nothing is. */
function silent(kind: ProofFacts['kind']): ProofFacts {
  if (kind === 'live') return { kind, candidates: [], spaces: [] };
  if (kind === 'state') return { kind, devices: [] };
  if (kind === 'due') return { kind, devices: [], lastDay: '2026-01-04' };
  if (kind === 'rule') return { kind, rules: [] };
  if (kind === 'publication') return { kind, from, displays: [], publications: [] };
  return { kind, from, occurrences: [], suitable: 2, attempts: null };
}

function happened(kind: HappenedFacts['kind'], deviceId: string): HappenedFacts {
  const occurrence = { time: '2026-01-03T02:00:00.000Z', deviceId, what: 'x', ref: 'event:1', by: null };
  return { kind, from, occurrences: [occurrence], suitable: 2, attempts: null };
}

const access = itemOf('operation.security.access-control');

describe('functions.derive()', () => {
  test('takes any one of several proofs, and names of the rest what nobody confirmed', () => {
    const tried: HappenedFacts = { kind: 'command', from, occurrences: [], suitable: 2, attempts: 4 };
    const given = facts(access, {
      doors: [
        {
          kind: 'live',
          candidates: [{ deviceId: 'door-1', point: 'door-1.door', marks: '11', since: null }],
          spaces: [],
        },
      ],
      identifiers: [happened('event', 'door-1')],
      permissions: [silent('event'), tried],
    });
    const measurement = measurementSchema.parse(functions.derive(given, access));
    expect(measurement.functions?.map(({ id, state }) => [id, state])).toEqual([
      ['doors', 'proven'],
      ['identifiers', 'proven'],
      ['permissions', 'missing'],
      ['alarms', 'missing'],
    ]);
    // What we sent and nobody confirmed is told, and earns nothing.
    expect(measurement.functions?.[2]?.reason.en).toContain('Attempted 4 times, confirmed by nobody');
    expect(measurement).toMatchObject({ completeness: 1, population: { counted: 1, of: 1 } });
    // 1 + 2 / 4.
    expect(score(access, measurement)).toMatchObject({ points: { min: 1, max: 2 }, conventionPoints: 1.5 });
  });

  test('is undetermined with every function named when nothing is proven', () => {
    const repair = itemOf('operation.property.repair');
    const measurement = functions.derive(facts(repair, {}), repair);
    expect(measurement.verdict).toBe('insufficient');
    expect(measurement.missing.map(({ en }) => en)).toEqual([
      expect.stringMatching(/^reporting and repair online: Nothing since .* \(repair.completed\); 2 devices/),
      expect.stringMatching(/^complaints online: /),
      expect.stringMatching(/^feedback online: /),
    ]);
    expect(score(repair, measurement)).toMatchObject({ points: null, basis: 'missing' });
  });

  test('names the step of an alarm that nobody has taken in both languages', () => {
    const alarms = itemOf('operation.security.alarm-devices');
    const { functions: judged } = functions.derive(facts(alarms, {}), alarms);
    const said = judged?.map(({ reason }) => [reason.zh, reason.en]).find(([, en]) => en?.includes('(alarm'));
    expect(said).toEqual([
      expect.stringMatching(/（告警(产生|送达|确认)）/),
      expect.stringMatching(/\(alarm (raised|delivered|acknowledged)\)/),
    ]);
  });

  test('holds a device that was not watched for neither dead nor alive', () => {
    const marks = [{ deviceId: 'door-1', point: 'door-1.door', marks: '00', since: null }];
    const doors: ProofFacts = { kind: 'live', candidates: marks, spaces: [] };
    const given = facts(access, { doors: [doors], identifiers: [happened('event', 'door-1')] });
    expect(functions.derive(given, access).verdict).toBe('sufficient');
    const blind = { ...given, days: days.map((day) => ({ ...day, watched: false })) };
    expect(functions.derive(blind, access)).toMatchObject({
      verdict: 'insufficient',
      missing: [{ en: expect.stringContaining('On 2 of 2 local days') as string }],
    });
  });

  test('decides an item that is whole or nothing only when everything of it is known', () => {
    const fire = itemOf('operation.fire');
    const panel = (state: string | null) =>
      functions.derive(
        facts(
          fire,
          {
            configured: [
              { kind: 'due', devices: [{ deviceId: 'f-1', date: '2026-01-04' }], lastDay: '2026-01-04' },
            ],
            working: [
              {
                kind: 'state',
                devices: [
                  {
                    deviceId: 'f-1',
                    point: 'f-1.fault',
                    reading: state === null ? null : { time: to, state },
                  },
                ],
              },
            ],
          },
          { devices: [device('f-1', 'fire-panel')] },
        ),
        fire,
      );
    expect(score(fire, panel('off')).points).toEqual({ min: 5, max: 5 });
    expect(score(fire, panel('on')).points).toEqual({ min: 0, max: 0 });
    expect(panel(null)).toMatchObject({
      verdict: 'insufficient',
      missing: [{ en: expect.stringMatching(/^kept in working order/) as string }],
    });
  });

  test('refuses facts of another item, version or proof', () => {
    const given = facts(access, {});
    expect(() => functions.derive(given, itemOf('operation.fire'))).toThrow('not of operation.fire');
    expect(() => functions.derive({ ...given, version: 9 }, access)).toThrow('not those of functions');
    const other = facts(access, { identifiers: [happened('alarm', 'door-1')] });
    expect(() => functions.derive(other, access)).toThrow('facts of alarm do not answer event');
    const short = facts(access, { permissions: [silent('event')] });
    expect(() => functions.derive(short, access)).toThrow('not of these proofs');
  });
});

test('functions.members() tells each device once, with where it comes from', () => {
  const given = facts(access, {
    identifiers: [happened('event', 'door-1')],
    permissions: [happened('event', 'app-1'), silent('command')],
  });
  expect(functions.members(given, access)).toMatchObject([
    { deviceId: 'app-1', provenance: 'simulated', standing: 'counted' },
    { deviceId: 'door-1', provenance: 'field', standing: 'counted' },
  ]);
});
