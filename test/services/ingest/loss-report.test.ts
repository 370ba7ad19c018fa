import { expect, test } from 'vitest';
import { silentLog } from '#infra/log.ts';
import { startLossReport } from '#services/ingest/loss-report.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createHeldSink } from '#test/kit/sink.ts';

const minuteMs = 60_000;

test('startLossReport() makes its device with the first loss, and lets go of a loss after 15 minutes', async () => {
  const clock = fakeClock(0);
  const sink = createHeldSink();
  const made: string[] = [];
  const report = startLossReport({
    sink,
    clock,
    log: silentLog(),
    instance: 2,
    hasDevice: (id) => made.includes(id),
    makeDevice: async (id) => void made.push(id),
  });
  const told = () =>
    sink.committed.map(({ content }) => {
      if (content.kind !== 'telemetry') return null;
      return content.samples.find(({ metric }) => metric === 'broker_losses')?.value;
    });
  await clock.advance(minuteMs);
  expect(made).toEqual([]);
  report.add({ atMs: clock.nowMs(), count: 3 });
  await expect.poll(told).toEqual([3]);
  expect(made).toEqual(['parkwatch-ingest-2']);
  for (let minute = 0; minute < 15; minute++) await clock.advance(minuteMs);
  await report[Symbol.asyncDispose]();
  expect(told().slice(1)).toEqual([...Array.from({ length: 14 }, () => 3), 0]);
});
