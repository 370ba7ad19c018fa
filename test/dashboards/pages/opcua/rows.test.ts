import { describe, expect, test } from 'vitest';
import type { BrowsedNode } from '#schemas/api/opcua.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { gather, gatherLimits } from '#dashboards/pages/opcua/gather.ts';
import type { Candidate } from '#dashboards/pages/opcua/guess.ts';
import {
  doublePoints,
  firstRows,
  nodesOf,
  withDevice,
  withMetric,
  type MetricsOf,
} from '#dashboards/pages/opcua/rows.ts';

const metricsOf = ((id: string) => deviceClasses.get(id)?.metrics ?? {}) as unknown as MetricsOf;
const candidate = (name: string, unit: string | null = null): Candidate => ({
  nodeId: `s=${name}`,
  name,
  path: ['pump-1'],
  dataType: 'Double',
  value: null,
  unit,
});
const pump = { id: 'pump-1', class: 'building-equipment' };
const all = [candidate('pressure', 'bar'), candidate('flow'), candidate('what')];

describe('firstRows()', () => {
  test('chooses what has a device and a metric, and leaves the rest to a person', () => {
    const rows = firstRows(all, () => pump, metricsOf);
    expect(rows.map(({ metric, isChosen }) => [metric, isChosen])).toEqual([
      ['pressure', true],
      ['flow', true],
      [null, false],
    ]);
    expect(nodesOf(rows)).toEqual([
      { nodeId: 's=pressure', deviceId: 'pump-1', metric: 'pressure', unit: 'bar' },
      { nodeId: 's=flow', deviceId: 'pump-1', metric: 'flow' },
    ]);
  });

  test('maps nothing without a device', () => {
    expect(nodesOf(firstRows(all, () => null, metricsOf))).toEqual([]);
  });
});

test('withDevice() guesses anew for all rows, or for one, and gives no point twice', () => {
  const rows = firstRows(all, () => pump, metricsOf);
  const meter = { id: 'water-1', class: 'water-meter' };
  const [moved, stays] = withDevice(rows, { device: meter, only: 's=pressure' }, metricsOf);
  expect(moved?.device).toEqual(meter);
  expect(stays?.device).toEqual(pump);
  const same = [...firstRows([candidate('flow')], () => pump, metricsOf)];
  const both = withDevice(
    [...same, ...firstRows([{ ...candidate('flow'), nodeId: 's=2' }], () => null, metricsOf)],
    { device: pump, only: 's=2' },
    metricsOf,
  );
  expect(both.map(({ metric }) => metric)).toEqual(['flow', null]);
});

test('doublePoints() names points that two chosen rows would be', () => {
  const rows = firstRows(all, () => pump, metricsOf);
  const third = rows.map((row) =>
    row.candidate.name === 'what' ? withMetric(row, 'flow', metricsOf(pump.class)) : row,
  );
  expect([...doublePoints(rows)]).toEqual([]);
  expect([...doublePoints(third)]).toEqual(['pump-1.flow']);
});

const node = (name: string, more: Partial<BrowsedNode> = {}): BrowsedNode => ({
  nodeId: `s=${name}`,
  name,
  nodeClass: 'variable',
  dataType: 'Double',
  value: '1',
  status: 'Good',
  isMappable: true,
  isProperty: false,
  unit: null,
  ...more,
});
const object = (name: string) => node(name, { nodeClass: 'object', isMappable: false });

describe('gather()', () => {
  const tree: Readonly<Record<string, BrowsedNode[]>> = {
    's=hall': [object('pump'), node('door'), node('Name', { isProperty: true })],
    's=pump': [node('flow'), node('list', { isMappable: false }), object('hall'), node('flow')],
  };
  const run = (starts: BrowsedNode[], signal = new AbortController().signal) => {
    const asked: string[] = [];
    const gathered = gather(
      starts.map((start) => ({ node: start, path: [] })),
      {
        browse: ({ nodeId, cursor }) => {
          asked.push(nodeId);
          const items = tree[nodeId] ?? [];
          // Pages of two.
          const from = Number(cursor ?? 0);
          const nextCursor = from + 2 < items.length ? String(from + 2) : null;
          return Promise.resolve({ items: items.slice(from, from + 2), nextCursor });
        },
        onProgress: () => undefined,
        signal,
      },
    );
    return { gathered, asked };
  };

  test('finds every variable below an object once, with the names above it, also round a circle', async () => {
    const { gathered, asked } = run([object('hall')]);
    const { candidates, isCut } = await gathered;
    expect(candidates.map(({ name, path }) => [...path, name].join('/'))).toEqual([
      'hall/door',
      'hall/pump/flow',
    ]);
    expect(isCut).toBe(false);
    expect(asked).toEqual(['s=hall', 's=hall', 's=pump', 's=pump']);
  });

  test('takes chosen variables as they are, properties too', async () => {
    const { candidates } = await run([node('a'), node('b', { isProperty: true })]).gathered;
    expect(candidates.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('stops at its limits and when it is told to, and says so', async () => {
    const many = Array.from({ length: gatherLimits.variables + 1 }, (_, index) => node(`v${index}`));
    const full = await run(many).gathered;
    expect(full.candidates).toHaveLength(gatherLimits.variables);
    expect(full.isCut).toBe(true);
    const stop = new AbortController();
    stop.abort();
    expect((await run([object('hall')], stop.signal).gathered).isCut).toBe(true);
  });
});
