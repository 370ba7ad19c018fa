import { expect, test } from 'vitest';
import { metricOf } from '#dashboards/app/metrics.ts';

const flow = { name: { zh: '瞬时流量', en: 'Flow' }, unit: 'm3/h', states: [] };
const classes = [
  { id: 'water-meter', flow },
  { id: 'heat-meter', flow: { ...flow, name: { zh: '流量', en: 'Flow' } } },
].map(({ id, ...metrics }) => ({
  id,
  name: { zh: id, en: id },
  deviceCount: 0,
  attributes: {},
  events: {},
  metrics,
}));

test('metricOf() names a metric by its class, and without one only as all classes name it', () => {
  expect(metricOf(classes, { metric: 'flow', deviceClass: 'heat-meter' }).name.zh).toBe('流量');
  // The names differ, the unit does not.
  expect(metricOf(classes, { metric: 'flow' })).toEqual({
    name: { zh: 'flow', en: 'flow' },
    unit: 'm3/h',
    states: [],
  });
  expect(metricOf(classes.slice(0, 1), { metric: 'flow' }).name.zh).toBe('瞬时流量');
  expect(metricOf(classes, { metric: 'made_up' })).toEqual({
    name: { zh: 'made_up', en: 'made_up' },
    unit: '',
    states: [],
  });
});
