import { parseArgs } from 'node:util';
import { systemClock, type Clock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { ParkError } from '#schemas/errors.ts';
import { localCalendar } from '#schemas/local-time.ts';
import { quarterMs, quarterOf } from '#services/rollup/buckets.ts';
import { readOldestUnpacked } from '#services/rollup/cell-store.ts';
import { isDirty } from '#services/rollup/journal-store.ts';
import { requestRebuild } from '#services/rollup/rebuild.ts';
import { startRollup } from '#services/rollup/rollup.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';
import { rawHorizonDays, readDialect } from '#services/serve/database.ts';

const help = `Usage: parkwatch rollup rebuild --from DAY --to DAY

Makes the rollups of local days again from raw readings, in the database of DATABASE_URL or the embedded one in DATA_DIR.
Works beside a running park. Days whose raw readings are not whole any more are refused: what stands was made from all of them.
用原始读数重新生成若干本地日的汇总数据；可在园区运行时使用。原始读数已不完整的日期会被拒绝。

  --from, --to   first and last local day / 起止本地日，如 2026-11-20
`;

const usageError = 2;
const askEveryMs = 500;

/** `parkwatch rollup rebuild --from DAY --to DAY`: returns when the rows stand again. */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      from: { type: 'string' },
      to: { type: 'string' },
    },
  });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  if (positionals.join(' ') !== 'rebuild' || values.from === undefined || values.to === undefined) {
    console.error(help);
    return usageError;
  }
  const range = { from: dayOption('from', values.from), to: dayOption('to', values.to) };
  const config = readConfig();
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  const clock = systemClock();
  const calendar = localCalendar(config.timeZone);
  await using lifecycle = createLifecycle(log);
  const { db, url } = await openCommandDatabase(config, { lifecycle, clock, log });
  const horizonDays = rawHorizonDays(await readDialect(db));
  const buckets = await requestRebuild({ db, clock, calendar, horizonDays }, range).catch(asSentence);
  // Where a park runs, its leader does the work; else we lead for as long as it takes.
  const { timeZone } = config;
  await lifecycle.start('rollup', () => startRollup({ databaseUrl: url, clock, log, timeZone }));
  const fromMs = calendar.startOf(range.from);
  const todayMs = calendar.startOf(calendar.dayOf(clock.nowMs()));
  await untilMade(db, clock, { fromMs, toMs: fromMs + buckets * quarterMs, todayMs });
  console.log(`Rebuilt ${range.from} to ${range.to}. / 已重新生成。`);
  return 0;
}

/** The bucket that runs is left out: it stays behind until it is over. */
async function untilMade(
  db: Database,
  clock: Clock,
  range: { fromMs: number; toMs: number; todayMs: number },
): Promise<void> {
  const toMs = Math.min(range.toMs, quarterOf(clock.nowMs()) - quarterMs);
  while (
    (await isDirty(db, { fromMs: range.fromMs, toMs })) ||
    (await readOldestUnpacked(db, Math.min(range.toMs, range.todayMs))) !== null
  ) {
    await clock.sleep(askEveryMs);
  }
}

/** @throws ConfigError when the text is no day of the calendar */
export function dayOption(name: string, text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);
  if (!isDay) throw new ConfigError(`--${name} is a local day, such as 2026-11-20.`);
  return text;
}

function asSentence(error: unknown): never {
  if (error instanceof ParkError) throw new ConfigError(`${error.message}.`);
  throw error;
}
