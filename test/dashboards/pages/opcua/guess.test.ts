import { describe, expect, test } from 'vitest';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import type { DeviceClassSummary } from '#dashboards/app/api.ts';
import { guessDevice, guessMetric, unitFor, wordsOf, type Candidate } from '#dashboards/pages/opcua/guess.ts';

const metrics = (deviceClass: string) =>
  (deviceClasses.get(deviceClass)?.metrics ?? {}) as unknown as DeviceClassSummary['metrics'];
const variable = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  nodeId: `nsu=urn:x;s=${name}`,
  name,
  path: ['Plant', 'pump-1'],
  dataType: 'Double',
  value: '1',
  unit: null,
  ...more,
});
const guess = (candidate: Candidate, taken: string[] = []) =>
  guessMetric(candidate, metrics('building-equipment'), new Set(taken));

describe('wordsOf()', () => {
  test.each([
    ['TempOut-1', ['temperature', 'out', '1']],
    ['run_hours', ['running', 'hours']],
    ['压力', ['压力']],
  ])('%s', (name, words) => expect(wordsOf(name)).toEqual(words));
});

describe('guessMetric()', () => {
  test.each([
    ['temperature', 'temperature'],
    ['Temp', 'temperature'],
    ['SupplyPressure', 'pressure'],
    ['频率', 'frequency'],
    ['Fan.Power', 'power'],
    ['Something', null],
  ])('takes %s for %s', (name, metric) => expect(guess(variable(name))).toBe(metric));

  test('lets the unit rule a metric out, and decide where only one has it', () => {
    expect(guess(variable('pressure', { unit: 'bar' }))).toBe('pressure');
    expect(guess(variable('pressure', { unit: '°C' }))).toBeNull();
    expect(guess(variable('AI_17', { unit: 'Hz' }))).toBe('frequency');
    // Temperature and setpoint are both in degrees.
    expect(guess(variable('AI_18', { unit: '°C' }))).toBeNull();
  });

  test('gives a switch a metric with states only, and no metric twice', () => {
    expect(guess(variable('Running', { dataType: 'Boolean' }))).toBe('running');
    expect(guess(variable('Power', { dataType: 'Boolean' }))).toBeNull();
    expect(guess(variable('temperature'), ['temperature'])).toBeNull();
  });
});

test('unitFor() is what has to be configured, and nothing where it is the unit of the metric', () => {
  expect(unitFor('bar', 'MPa')).toBe('bar');
  expect(unitFor('℃', 'degC')).toBeUndefined();
  expect(unitFor('furlong', 'MPa')).toBeUndefined();
  expect(unitFor(null, 'MPa')).toBeUndefined();
});

test('guessDevice() finds the innermost object that is called as a device is', () => {
  const devices = [
    { id: 'plant', name: 'Plant' },
    { id: 'pump-1', name: '1号循环水泵' },
  ];
  expect(guessDevice(['Plant', 'PUMP-1', 'Values'], devices)?.id).toBe('pump-1');
  expect(guessDevice(['Plant', '1号循环水泵'], devices)?.id).toBe('pump-1');
  expect(guessDevice(['Hall'], devices)).toBeNull();
});
