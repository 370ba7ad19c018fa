import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import type { ImportAnswer } from '#schemas/api/registry.ts';
import { ParkError } from '#schemas/errors.ts';
import { importFormats, type ImportFile } from '#services/registry/import-file.ts';
import { importLimits } from '#services/registry/import.ts';
import { runImport } from '#services/registry/run-import.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';

/** A file that shows what an import is made of; printed by `--help`. */
export const importExample = `spaces:
  - { id: tower-c, name: C座, kind: building }
  - { id: tower-c-f01, name: C座1层, kind: floor, parentId: tower-c }
devices:
  - id: em-c-01
    name: C座1层电表
    class: energy-meter
    spaceId: tower-c-f01
    attributes: { ratedPowerKw: 40 }
`;

const help = `Usage: parkwatch import FILE [--dry-run]

Brings in the spaces, devices and points of a YAML, JSON, CSV or Excel (.xlsx) file, all of them or, when anything is wrong, none; every fault is
printed with its line. Importing the same file again changes nothing. Works while the park runs.
从 YAML、JSON、CSV 或 Excel（.xlsx）文件导入空间、设备与测点：有任何错误则全部不导入，并逐行列出错误；重复导入同一文件不会产生变化。

Example / 示例 (\`parkwatch simulate --print-park\` prints a whole park / 可打印整个模拟园区):

${importExample}`;

/** `parkwatch import`: exit code 0 when the file was imported, or with --dry-run could be. */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, 'dry-run': { type: 'boolean', default: false } },
  });
  const [file, ...rest] = positionals;
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (file === undefined || rest.length > 0) {
    process.stderr.write(help);
    return 2;
  }
  const content = await readContent(file);
  const config = readConfig();
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  await using lifecycle = createLifecycle(log);
  const clock = systemClock();
  const { db } = await openCommandDatabase(config, { lifecycle, clock, log });
  try {
    const editor = { actor: 'command line' };
    const answer = await runImport(
      { db, clock },
      { file: content, dryRun: values['dry-run'], role: 'admin', editor },
    );
    process.stdout.write(describe(answer));
    return 0;
  } catch (error) {
    if (!(error instanceof ParkError) || error.code !== 'invalid-import') throw error;
    for (const { line, column, path, message } of error.errors) {
      process.stderr.write(`${file}:${line}:${column} ${path} ${message}\n`);
    }
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function readContent(file: string): Promise<ImportFile> {
  try {
    if ((await stat(file)).size > importLimits.bytes) {
      throw new ConfigError(`${file} is larger than ${importLimits.bytes / 1024 / 1024} MiB; split it.`);
    }
    const ending = extname(file).slice(1).toLowerCase();
    const format = importFormats.find((known) => known === ending) ?? 'yaml';
    return { format, bytes: await readFile(file) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function describe({ dryRun, created, changed, unchanged }: ImportAnswer): string {
  const line = (what: keyof ImportAnswer['created']) =>
    `${what}: ${created[what]} created, ${changed[what]} changed, ${unchanged[what]} unchanged\n`;
  return `${dryRun ? 'Nothing was written (--dry-run).\n' : ''}${line('spaces')}${line('devices')}${line('points')}`;
}
