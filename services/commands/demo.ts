import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { removeDemo } from '#services/demo/remove.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';

const help = `Usage: parkwatch demo remove

Takes every record and claim that is marked "simulated" out of lists and scores: those that the demo came with. They stay
readable in the history, and do not come again. Works also while the park runs.
将标记为“模拟”的台账与申报（示例自带）移出列表与评分；历史仍可查阅，且不再出现。园区运行中也可使用。
`;

/** `parkwatch demo remove`: exit code 0 when none is left, 1 when records of the park refer to some. */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'remove') {
    process.stderr.write(help);
    return 2;
  }
  const config = readConfig();
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  await using lifecycle = createLifecycle(log);
  const clock = systemClock();
  const { db } = await openCommandDatabase(config, { lifecycle, clock, log });
  const { records, claims, left } = await removeDemo({ db, clock }, 'command line');
  process.stdout.write(`已移除 removed: ${records} 条台账 records, ${claims} 条申报 claims\n`);
  if (left > 0) {
    process.stdout.write(`仍有 left: ${left} 条被其他台账引用 records that other records refer to\n`);
  }
  return left === 0 ? 0 : 1;
}
