import { describe, expect, test } from 'vitest';
import { videoQuality, type PictureFacts } from '#services/assessment/measures/video-quality/derive.ts';

const to = '2026-01-04T16:00:00.000Z';

function camera(deviceId: string, size: readonly [number, number] | null, time = to): PictureFacts {
  return {
    deviceId,
    name: deviceId,
    class: 'camera',
    provenance: 'field',
    service: [{ from: '2025-01-01T00:00:00.000Z', to: null }],
    exclusion: null,
    point: `${deviceId}.width`,
    picture: size === null ? null : { time, widthPx: size[0], heightPx: size[1] },
  };
}

function measured(...cameras: PictureFacts[]) {
  return videoQuality.derive({
    measure: 'video-quality',
    version: 1,
    from: '2026-01-02T16:00:00.000Z',
    to,
    asOf: to,
    timeZone: 'Asia/Shanghai',
    cameras,
  });
}

describe('videoQuality.derive()', () => {
  test.each([
    [[1_280, 720], 'full'],
    [[1_079, 1_921], 'full'],
    [[1_279, 720], 'partial'],
    [[704, 576], 'partial'],
    [[352, 288], 'none'],
  ] as const)('takes the lowest picture of all cameras: %j is %s', (size, grade) => {
    expect(measured(camera('a', [3_840, 2_160]), camera('b', size))).toMatchObject({
      grade,
      verdict: 'sufficient',
    });
  });

  test('is undetermined when fewer than 95 % of the pictures are known, or no camera is there', () => {
    const twenty = Array.from({ length: 19 }, (_, n) => camera(`c-${n}`, [1_920, 1_080]));
    expect(measured(...twenty, camera('silent', null))).toMatchObject({ grade: 'full' });
    const stale = measured(...twenty.slice(0, 18), camera('old', [1_920, 1_080], '2026-01-03T15:00:00.000Z'));
    expect(stale.verdict).toBe('insufficient');
    expect(stale.missing[0]?.en).toContain('only 18 of 19 cameras');
    expect(measured().missing[0]?.en).toContain('No camera was in service');
  });
});
