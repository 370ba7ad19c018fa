import { expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { startDueReporter } from '#services/due-dates/reporter.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const hourMs = 3_600_000;

test('startDueReporter() tells the days left once a local day, and again when an inspection moves the date', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  const clock = fakeClock(Date.parse('2026-03-01T02:00:00Z'));
  await db.query(
    `insert into device (id, name, class, attributes, provenance, lifecycle, valid_from) values
       ('lift-1', 'a', 'elevator', '{"inspectionDue": "2026-03-03"}', 'field', 'in-service', $1),
       ('lift-2', 'b', 'elevator', '{}', 'field', 'in-service', $1),
       ('lift-3', 'c', 'elevator', '{"inspectionDue": "2026-03-03"}', 'field', 'retired', $1)`,
    [new Date(clock.nowMs())],
  );
  const sink = createHeldSink();
  const parts = { db, sink, clock, log: silentLog(), timeZone: 'Asia/Shanghai', source: 'parkwatch' };
  await using reporter = startDueReporter(parts);
  const told = () =>
    sink.committed.map(({ deviceId, content }) => {
      const [sample] = content.kind === 'telemetry' ? content.samples : [];
      return [deviceId, sample?.metric, sample?.value, new Date(sample?.timeMs ?? 0).toISOString()];
    });
  await reporter.look();
  await reporter.look();
  const first = ['lift-1', 'inspection_due', 2, '2026-02-28T16:00:00.000Z'];
  expect(told()).toEqual([first]);

  await db.query(
    `insert into event (device_id, time, untimed, type, event_key, data, source) values
       ('lift-1', $1, false, 'elevator.inspection', '1', '{"nextDue": "2027-03-03"}', 'x'),
       ('lift-2', $1, false, 'elevator.maintenance', '1', '{"nextDue": "2026-03-16"}', 'x')`,
    [new Date(clock.nowMs())],
  );
  await clock.advance(30_000);
  await reporter.look();
  expect(told().slice(1)).toEqual([
    ['lift-1', 'inspection_due', 367, '2026-03-01T02:00:30.000Z'],
    ['lift-2', 'maintenance_due', 15, '2026-02-28T16:00:00.000Z'],
  ]);
  await clock.advance(24 * hourMs);
  await reporter.look();
  expect(told().slice(3)).toEqual([
    ['lift-1', 'inspection_due', 366, '2026-03-01T16:00:00.000Z'],
    ['lift-2', 'maintenance_due', 14, '2026-03-01T16:00:00.000Z'],
  ]);
});
