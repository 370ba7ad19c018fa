import { expect, test } from 'vitest';
import { createMetrics } from '#infra/metrics.ts';
import { registerCctvMetrics } from '#services/cctv/metrics.ts';
import { writeProbes } from '#services/cctv/store.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

test('registerCctvMetrics() tells the figures of each group whose cameras are asked', async () => {
  await using database = await createTestDatabase();
  const { pool: db } = database;
  const clock = fakeClock(Date.parse('2026-03-01T00:01:00Z'));
  const metrics = createMetrics({ process: false });
  registerCctvMetrics(metrics, { db, clock });
  const atMs = clock.nowMs() - 30_000;
  const told = { clockOffsetS: 0, reachS: 1, manufacturer: null, model: null, firmware: null };
  await writeProbes(db, [
    {
      ...told,
      deviceId: 'c1',
      group: 'yard',
      atMs,
      answers: true,
      troubles: [],
      recording: true,
      recordedShare: 1,
    },
    {
      ...told,
      deviceId: 'c2',
      group: 'yard',
      atMs: atMs + 5,
      answers: false,
      troubles: ['x'],
      recording: null,
      recordedShare: null,
    },
    {
      ...told,
      deviceId: 'c3',
      group: 'hall',
      atMs,
      answers: true,
      troubles: [],
      recording: false,
      recordedShare: 0.5,
    },
    {
      ...told,
      deviceId: 'c4',
      group: 'gone',
      atMs: atMs - 3 * 86_400_000,
      answers: true,
      troubles: [],
      recording: true,
      recordedShare: 1,
    },
  ]);
  const text = await metrics.metrics();
  for (const line of [
    'parkwatch_cctv_cameras{source="cctv-yard"} 2',
    'parkwatch_cctv_cameras_answering{source="cctv-yard"} 1',
    'parkwatch_cctv_cameras_with_trouble{source="cctv-yard"} 1',
    'parkwatch_cctv_cameras_recording{source="cctv-hall"} 0',
    'parkwatch_cctv_recorded_share{source="cctv-hall"} 0.5',
    'parkwatch_cctv_oldest_round_seconds{source="cctv-yard"} 30',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).not.toContain('gone');
});
