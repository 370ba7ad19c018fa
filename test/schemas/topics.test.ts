import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  busTopic,
  canaryTopic,
  fieldFilter,
  fieldTopic,
  parseFieldTopic,
  topicKinds,
} from '#schemas/topics.ts';

const id = fc.stringMatching(/^[A-Za-z0-9-][A-Za-z0-9_-]{0,63}$/);

describe('parseFieldTopic()', () => {
  test('reads back what fieldTopic() wrote', () => {
    fc.assert(
      fc.property(id, id, fc.constantFrom(...topicKinds), (parkId, deviceId, kind) => {
        expect(parseFieldTopic(fieldTopic(parkId, deviceId, kind))).toEqual({ parkId, deviceId, kind });
      }),
    );
  });

  test.each([
    '',
    'park',
    'park/v1/demo/em-1',
    'park/v1/demo/em-1/telemetry/',
    'park/v1/demo/em-1/telemetry/x',
    '/park/v1/demo/em-1/telemetry',
    'park/v2/demo/em-1/telemetry',
    'Park/v1/demo/em-1/telemetry',
    'park/v1//em-1/telemetry',
    'park/v1/demo//telemetry',
    'park/v1/demo/_em/telemetry',
    'park/v1/de mo/em-1/telemetry',
    'park/v1/demo/em-1/command',
    'park/v1/demo/em-1/toString',
    'parkwatch-live/v1/demo/reading',
  ])('answers null to %j', (topic) => {
    expect(parseFieldTopic(topic)).toBeNull();
  });
});

describe('fieldFilter()', () => {
  test('matches one kind of every device of one park', () => {
    expect(fieldFilter('demo', 'telemetry')).toBe('park/v1/demo/+/telemetry');
  });
});

describe('busTopic() and canaryTopic()', () => {
  test('stay outside the tree of the field', () => {
    for (const topic of [busTopic('demo', 'readings'), canaryTopic('demo', 'gateway-1')]) {
      expect(topic.startsWith('park/')).toBe(false);
      expect(parseFieldTopic(topic)).toBeNull();
    }
  });
});
