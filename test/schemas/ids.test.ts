import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  idPattern,
  idSchema,
  metricPattern,
  metricSchema,
  parsePointKey,
  pointKey,
  pointKeySchema,
} from '#schemas/ids.ts';

const id = fc.stringMatching(/^[A-Za-z0-9-][A-Za-z0-9_-]{0,63}$/);
const metric = fc.stringMatching(/^[a-z][a-z0-9_]{0,63}$/);

describe('idSchema', () => {
  test.each(['a', 'em-a-01', '-', '0', 'A_b', 'x'.repeat(64)])('accepts %j', (text) => {
    expect(idSchema.safeParse(text).success).toBe(true);
  });

  test.each(['', '_a', 'a.b', 'a/b', 'a b', 'a+', 'a#', '表', 'a\n', 'x'.repeat(65)])(
    'refuses %j',
    (text) => {
      expect(idSchema.safeParse(text).success).toBe(false);
      expect(idPattern.test(text)).toBe(false);
    },
  );
});

describe('metricSchema', () => {
  test.each(['a', 'active_power', 'pm25', 'x'.repeat(64)])('accepts %j', (text) => {
    expect(metricSchema.safeParse(text).success).toBe(true);
  });

  test.each(['', 'A', '1a', '_a', 'a-b', 'a.b', 'a\n', 'x'.repeat(65)])('refuses %j', (text) => {
    expect(metricSchema.safeParse(text).success).toBe(false);
    expect(metricPattern.test(text)).toBe(false);
  });
});

describe('parsePointKey()', () => {
  test('reads back what pointKey() wrote', () => {
    fc.assert(
      fc.property(id, metric, (deviceId, name) => {
        expect(parsePointKey(pointKey(deviceId, name))).toEqual({ deviceId, metric: name });
      }),
    );
  });

  test.each(['', '.', 'a.', '.a', 'a', 'a.b.c', 'a.B', '_a.b', 'a..b'])('answers null to %j', (text) => {
    expect(parsePointKey(text)).toBeNull();
    expect(pointKeySchema.safeParse(text).success).toBe(false);
  });
});
