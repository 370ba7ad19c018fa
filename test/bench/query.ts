import { runBench, seconds, type Report } from './bench.ts';
import { bytesOfADay, fillYear } from './fill.ts';
import { deviceId } from './load/packets.ts';
import { benchSpace, startBenchPark, type BenchPark } from './park.ts';

/**
 * `npm run bench:query`: what people ask for most, in a database with a year of 2,000 points' rollups and of 500 meters'
 * consumption, as the API answers it; and what a reading takes on disk.
 */
/** Of fewer the 95th of a hundred would be one of the first two, asked of a process that has just started. */
const askedTimes = 200;
const dayMs = 86_400_000;

interface Question {
  readonly name: string;
  readonly atMost: number;
  readonly points: number;
  readonly path: (round: number) => string;
}

async function ask(
  report: Report,
  { park, rounds }: { park: BenchPark; rounds: number },
  { name, atMost, points, path }: Question,
): Promise<void> {
  const lengthsMs: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    const { status, body } = await park.served.request('GET', path(round));
    lengthsMs.push(performance.now() - startMs);
    if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
    bytes = JSON.stringify(body).length;
  }
  const sorted = lengthsMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(rounds * share) - 1] ?? 0;
  const perPoint = ((at(0.95) * 1_000) / points).toFixed(1);
  const detail = `p50 ${at(0.5).toFixed(1)} ms; ${perPoint} µs a point; ${Math.round(bytes / 1024)} KiB`;
  report.add(`${name}, p95`, at(0.95), { unit: 'ms', atMost, detail });
}

/** A day of the job that makes derived rows again and again is over within this. */
const quietMs = 6_000;
const settleMs = 300_000;

/** What was filled in has no sealed days yet: waits until the job that makes them finds nothing more, as it is in a park that runs. */
async function settled({ client }: BenchPark): Promise<void> {
  const startMs = performance.now();
  for (let busyMs = startMs; performance.now() - busyMs < quietMs; await seconds(0.05)) {
    const { rowCount } = await client.query(
      `select from pg_stat_activity where application_name like 'parkwatch-rollup%' and state <> 'idle' limit 1`,
    );
    if (rowCount !== 0) busyMs = performance.now();
    if (performance.now() - startMs > settleMs) throw new Error('Derived rows are never done');
  }
}

function counters(devices: number, first: number, count: number, metric: string): string {
  const ids = Array.from({ length: count }, (_, index) => deviceId((first + index) % devices));
  return ids.map((id) => `${id}.${metric}`).join(',');
}

/** The same month a year ago begins at this instant, in the park's zone, which is 8 h ahead all year. */
function monthStart(monthsAgo: number): string {
  const local = new Date(Date.now() + 8 * 3_600_000);
  const startMs = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - monthsAgo) - 8 * 3_600_000;
  return new Date(startMs).toISOString();
}

await runBench(
  'query',
  () => 240,
  async (report, { smoke }) => {
    const devices = smoke ? 5 : 500;
    const year = smoke ? { points: 20, days: 35, months: 12 } : { points: 2_000, days: 365, months: 12 };
    await using park = await startBenchPark({
      devices,
      rules: smoke ? 10 : 1_000,
      fill: (client) => fillYear(client, year),
    });
    await settled(park);
    const asked = { park, rounds: smoke ? 5 : askedTimes };
    const quarter = 15 * 60_000;
    const toMs = Math.floor((Date.now() - 3 * dayMs) / quarter) * quarter;
    const range = `from=${new Date(toMs - 30 * dayMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
    await ask(report, asked, {
      name: 'latest of 5,000 points',
      atMost: 20,
      points: 5_000,
      path: () => `/latest?space=${benchSpace}`,
    });
    await ask(report, asked, {
      name: '30 days of 4 points at 15m',
      atMost: 50,
      points: 4,
      path: (round) =>
        `/readings?points=${counters(devices, round * 7, 4, 'active_energy_import')}&${range}&resolution=15m`,
    });
    const meters = Math.min(devices, 500);
    await ask(report, asked, {
      name: 'year of 500 meters by month',
      atMost: 300,
      points: meters,
      path: () =>
        `/consumption?points=${counters(devices, 0, meters, 'active_energy_import')}&from=${monthStart(12)}&to=${monthStart(0)}&interval=1mo`,
    });
    const bytes = await bytesOfADay(
      park.client,
      smoke ? { points: 10, perDay: 100 } : { points: 1_000, perDay: 2_880 },
    );
    report.add('bytes a reading on disk, after a day', bytes, { unit: 'bytes', atMost: 100 });
  },
);
