import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { appendAudit } from '#infra/journal.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { openAttachmentFiles } from '#services/attachments/files.ts';
import { preparePack, type PackRequest, type PreparedPack } from '#services/assessment/pack/pack.ts';
import { namedPeriod, namedPeriodForm } from '#services/assessment/period.ts';
import { startSealing } from '#services/sealing/sealing.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';
import { loadParkSigner, programVersion } from '#services/serve/program.ts';
import { instantOption } from './assess.ts';

const help = `Usage: parkwatch export-evidence --rubric RUBRIC [--period PERIOD | --from TIME --to TIME] [--out FILE]

Writes an evidence pack, one ZIP archive: the newest evidence of each item, with its inputs, its documents, the chain of
the journal, a report to print (PDF) and a workbook, and the park's signature. Works beside a running park; waits until
the evidence is sealed.
导出证据包（单个 ZIP 文件）：每个评分项的最新证据，含输入、附件、日志链、可打印的报告（PDF）、工作簿与园区签名；可在园区运行时使用。

  --period PERIOD     evidence of periods within a year, month or day of the park: 2026, 2026-03, 2026-03-05
                      只取评估期在该年、月或日之内的证据
  --from, --to TIME   evidence of exactly this period, RFC 3339 / 只取恰为该评估期的证据
  --out FILE          default evidence-RUBRIC-DAY.zip here / 默认写入当前目录

Then / 然后: parkwatch verify FILE
Rubrics / 评分细则: ${[...scoredRubrics.keys()].join(', ')}
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
      period: { type: 'string' },
    },
  });
  const { rubric, out } = values;
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  if (rubric === undefined || !scoredRubrics.has(rubric)) {
    console.error(help);
    return usageError;
  }
  const config = readConfig();
  const period = periodOption(values, config.timeZone);
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  const clock = systemClock();
  await using lifecycle = createLifecycle(log);
  const { db, url } = await openCommandDatabase(config, { lifecycle, clock, log });
  // Of a park that is not running nobody else would seal; of one that is, it keeps the lease.
  await lifecycle.start('sealing', () => startSealing({ databaseUrl: url, clock, log }));
  const signer = await loadParkSigner(config);
  const readAttachment = openAttachmentFiles(config.dataDir).read;
  const deps = { db, clock, signer, parkId: config.parkId, program: programVersion(), readAttachment };
  const pack = await preparePack(deps, { rubricId: rubric, period, patienceMs });
  await appendAudit(db, {
    actor: 'command line',
    action: 'evidence.export',
    object: rubric,
    after: { seq: pack.head.seq, hash: pack.head.hash },
  });
  const file = resolve(out ?? pack.name);
  await writeWhole(file, pack);
  console.log(`${file}
链头 head #${pack.head.seq} ${pack.head.hash}
密钥编号 key id ${signer.keyId}
校验 verify: parkwatch verify ${file}`);
  return 0;
}

/** Whole or not at all. */
async function writeWhole(file: string, pack: PreparedPack): Promise<void> {
  const aside = `${file}.part`;
  try {
    await using handle = await open(aside, 'w');
    for await (const bytes of pack.bytes()) await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await rename(aside, file);
}

interface PeriodOptions {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly period?: string | undefined;
}

/** @throws ConfigError when the options say no period, or two */
function periodOption({ from, to, period }: PeriodOptions, timeZone: string): PackRequest['period'] {
  const [start, end] = [instantOption('from', from), instantOption('to', to)];
  if (period !== undefined) {
    if (start !== undefined || end !== undefined)
      throw new ConfigError('--period, or --from and --to, not both.');
    if (!namedPeriodForm.test(period)) {
      throw new ConfigError('--period is a year, a month or a day, such as 2026 or 2026-03.');
    }
    return { ...namedPeriod(period, timeZone), match: 'within' };
  }
  if (start === undefined && end === undefined) return null;
  if (start === undefined || end === undefined) {
    throw new ConfigError('--from and --to are given together, or not at all.');
  }
  return { fromMs: Date.parse(start), toMs: Date.parse(end), match: 'exact' };
}
