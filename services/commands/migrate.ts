import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { openDatabase } from '#services/serve/database.ts';

const help = `Usage: parkwatch migrate

Brings the database of DATABASE_URL, or the embedded one in DATA_DIR, to this version, and says what ran.
将 DATABASE_URL 指定的数据库（或 DATA_DIR 中的内置数据库）升级到当前版本，并列出执行内容。
`;

/** `parkwatch migrate`: exit code 0 when the database has the schema of this version. */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const config = readConfig();
  const log = createLog({ level: config.logLevel, pretty: process.stdout.isTTY });
  await using lifecycle = createLifecycle(log);
  const { applied, dialect } = await openDatabase(config, { lifecycle, clock: systemClock(), log });
  console.log(
    applied.length === 0
      ? `Nothing to do: the schema is up to date (${dialect}).`
      : `Applied ${applied.join(', ')} (${dialect}).`,
  );
  return 0;
}
