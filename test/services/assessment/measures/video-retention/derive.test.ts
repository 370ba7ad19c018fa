import { describe, expect, test } from 'vitest';
import { measurementSchema } from '#schemas/assessment.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import {
  videoRetention,
  type CameraFacts,
  type VideoRetentionFacts,
} from '#services/assessment/measures/video-retention/derive.ts';
import { score } from '#services/assessment/score.ts';

const item = rubrics.get('chengdu-2021')?.items.find(({ id }) => id === 'operation.security.video-retention');
const dayMs = 86_400_000;
const endMs = Date.UTC(2026, 10, 30);
const before = (days: number) => new Date(endMs - days * dayMs).toISOString();

/** A camera in service for `served` days at the end of the period, with recordings of `kept` days. */
function camera(
  deviceId: string,
  kept: number | null,
  rest: Partial<CameraFacts> & { served?: number } = {},
): CameraFacts {
  const { served = 400, ...more } = rest;
  return {
    deviceId,
    name: deviceId,
    class: 'camera',
    provenance: 'field',
    service: [{ from: before(served), to: null }],
    exclusion: null,
    point: `${deviceId}.oldest_recording_age`,
    reading: kept === null ? null : { time: before(0.01), ageS: kept * 86_400 },
    ...more,
  };
}

function facts(cameras: CameraFacts[]): VideoRetentionFacts {
  return {
    measure: 'video-retention',
    version: 1,
    from: before(30),
    to: before(0),
    asOf: before(0),
    timeZone: 'Asia/Shanghai',
    cameras,
  };
}

function judge(cameras: CameraFacts[]) {
  if (item === undefined) throw new Error('the item is gone');
  const measurement = measurementSchema.parse(videoRetention.derive(facts(cameras)));
  return { measurement, score: score(item, measurement) };
}

describe('videoRetention.derive()', () => {
  test('the shortest of 45, 31 and 30 days is 30: full marks, 2 points', () => {
    const { measurement, score: earned } = judge([camera('a', 45), camera('b', 31), camera('c', 30)]);
    expect(measurement).toMatchObject({ value: 30, unit: 'd', completeness: 1 });
    expect(earned.points).toEqual({ min: 2, max: 2 });
  });

  test('one camera with 12.5 days lowers all to 12.5: 1 point; one with 4.9 days: none', () => {
    expect(judge([camera('a', 45), camera('b', 12.5)]).score.points).toEqual({ min: 1, max: 1 });
    expect(judge([camera('a', 45), camera('b', 4.9)]).score.points).toEqual({ min: 0, max: 0 });
  });

  test('a camera in service for 8 days with 8 days of recordings does not lower 35, and is named', () => {
    const { measurement } = judge([camera('a', 35), camera('new', 7.9, { served: 8 })]);
    expect(measurement.value).toBe(35);
    expect(measurement.population.noted).toEqual([
      {
        id: 'new',
        reason: {
          zh: '录像 7.9 天，已覆盖全部 7.9 天投用时间，不拉低最小值',
          en: '7.9 days of recordings cover all of its 7.9 days in service; it does not lower the minimum',
        },
      },
    ]);
  });

  test('a camera in service for 20 days that keeps only 6 lowers the minimum to 6', () => {
    expect(judge([camera('a', 35), camera('new', 6, { served: 20 })]).measurement.value).toBe(6);
  });

  test('a camera registered yesterday with 31 days of recordings proves them', () => {
    expect(judge([camera('a', 31, { served: 1 })]).measurement).toMatchObject({
      value: 31,
      verdict: 'sufficient',
    });
  });

  test('where every camera is young the data are insufficient', () => {
    const { measurement, score: earned } = judge([
      camera('a', 5, { served: 5 }),
      camera('b', 9, { served: 9 }),
    ]);
    expect(measurement).toMatchObject({ value: null, verdict: 'insufficient' });
    expect(earned.points).toBeNull();
  });

  test('19 of 20 cameras known are 95 % and enough, 18 are not; the silent ones are told', () => {
    const cameras = Array.from({ length: 20 }, (_, n) => camera(`c${n}`, 40));
    cameras[0] = camera('silent', null);
    expect(judge(cameras).measurement).toMatchObject({
      verdict: 'sufficient',
      completeness: 0.95,
      value: 40,
    });
    cameras[1] = camera('stale', 40, { reading: { time: before(1.5), ageS: 40 * 86_400 } });
    const { measurement } = judge(cameras);
    expect(measurement).toMatchObject({ verdict: 'insufficient', completeness: 0.9, value: null });
    expect(measurement.population).toMatchObject({ counted: 18, of: 20, excluded: [] });
    expect(videoRetention.members(facts(cameras))[1]?.reason.en).toContain(
      'more than 24 hours before the end',
    );
  });

  test('without a camera in service nothing is decided; an excluded one is no part of the population', () => {
    expect(judge([]).measurement).toMatchObject({ verdict: 'insufficient', completeness: null });
    const left = camera('x', 1, { exclusion: { zh: '演示用', en: 'for demonstrations' } });
    expect(judge([camera('a', 33), left]).measurement).toMatchObject({ value: 33, population: { of: 1 } });
  });
});
