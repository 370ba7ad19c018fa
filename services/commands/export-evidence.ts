import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { appendAudit } from '#infra/journal.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { makePack } from '#services/assessment/pack.ts';
import { startSealing } from '#services/sealing/sealing.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';
import { loadParkSigner, programVersion } from '#services/serve/program.ts';
import { instantOption } from './assess.ts';

const help = `Usage: parkwatch export-evidence --rubric RUBRIC --out FILE [--from TIME --to TIME]

Writes an evidence pack, one JSON file: the newest evidence of each item, or that of exactly this period, with its inputs, the chain of
the journal and the park's signature. Works beside a running park; waits until the evidence is sealed.
导出证据包（单个 JSON 文件）：每个评分项的最新证据（或指定评估期的证据），含输入、日志链与园区签名；可在园区运行时使用。

Then / 然后: parkwatch verify FILE
Rubrics / 评分细则: ${[...rubrics.keys()].join(', ')}
`;

const usageError = 2;
/** A lease of a killed sealer lasts some seconds; an open transaction of somebody may last longer. */
const patienceMs = 60_000;

/** `parkwatch export-evidence`: exit code 0 when the pack was written whole. */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      help: { type: 'boolean', short: 'h' },
      rubric: { type: 'string' },
      out: { type: 'string', short: 'o' },
      from: { type: 'string' },
      to: { type: 'string' },
    },
  });
  const { rubric, out } = values;
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  if (rubric === undefined || out === undefined || !rubrics.has(rubric)) {
    console.error(help);
    return usageError;
  }
  const period = periodOption(values.from, values.to);
  const config = readConfig();
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  const clock = systemClock();
  await using lifecycle = createLifecycle(log);
  const { db, url } = await openCommandDatabase(config, { lifecycle, clock, log });
  // Of a park that is not running nobody else would seal; of one that is, it keeps the lease.
  await lifecycle.start('sealing', () => startSealing({ databaseUrl: url, clock, log }));
  const signer = await loadParkSigner(config);
  const deps = { db, clock, signer, parkId: config.parkId, program: programVersion() };
  const pack = await makePack(deps, { rubricId: rubric, period, patienceMs });
  await appendAudit(db, { actor: 'command line', action: 'evidence.export', object: rubric });
  const file = resolve(out);
  // Whole or not at all.
  await writeFile(`${file}.part`, pack, { flush: true });
  await rename(`${file}.part`, file);
  console.log(`${file}\n密钥编号 key id ${signer.keyId}\n校验 verify: parkwatch verify ${file}`);
  return 0;
}

function periodOption(from: string | undefined, to: string | undefined) {
  const [start, end] = [instantOption('from', from), instantOption('to', to)];
  if (start === undefined && end === undefined) return null;
  if (start === undefined || end === undefined) {
    throw new ConfigError('--from and --to are given together, or not at all.');
  }
  return { fromMs: Date.parse(start), toMs: Date.parse(end) };
}
