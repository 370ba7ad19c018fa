import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { instantSchema } from '#schemas/api/common.ts';
import type { Assessment } from '#schemas/api/assessment.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { assess, toAssessment } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { choosePeriod } from '#services/assessment/period.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';
import { programVersion } from '#services/serve/program.ts';

const help = `Usage: parkwatch assess RUBRIC [--from TIME] [--to TIME] [--store] [--json]

Measures the park of DATABASE_URL, or of the embedded database in DATA_DIR, against a rubric: points determined, points
undetermined, maximum. Works beside a running park. TIME is RFC 3339; without it the last 30 complete local days.
按评分细则测算园区：已判定分、未判定分、满分；可在园区运行时使用。

  --store   keeps one immutable row of evidence for every measured item / 为每个已测算的评分项存证
  --json    the answer as GET /api/v1/assessments gives it / 以 JSON 输出

Rubrics / 评分细则: ${[...scoredRubrics.keys()].join(', ')}
`;

const usageError = 2;

/** `parkwatch assess RUBRIC`: prints the three figures and the items. */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      from: { type: 'string' },
      to: { type: 'string' },
      store: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const rubric = scoredRubrics.get(positionals[0] ?? '');
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  if (rubric === undefined || positionals.length > 1) {
    console.error(help);
    return usageError;
  }
  const config = readConfig();
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  const clock = systemClock();
  await using lifecycle = createLifecycle(log);
  const { db } = await openCommandDatabase(config, { lifecycle, clock, log });
  const query = { from: instantOption('from', values.from), to: instantOption('to', values.to) };
  const period = choosePeriod(query, { nowMs: clock.nowMs(), timeZone: config.timeZone });
  const result = await assess(db, { rubric, ...period });
  const maker = { parkId: config.parkId, program: programVersion(), actor: 'command line' };
  const ids = values.store === true ? await storeEvidence(db, result, maker) : new Map<string, string>();
  const answer = toAssessment(result, ids);
  console.log(values.json === true ? JSON.stringify(answer, null, 2) : assessmentText(answer, rubric.title));
  return 0;
}

/** @throws ConfigError when the text is no instant */
export function instantOption(name: string, text: string | undefined): string | undefined {
  if (text === undefined || instantSchema.safeParse(text).success) return text;
  throw new ConfigError(`--${name} is a time with its offset, such as 2026-11-01T00:00:00+08:00.`);
}

const shownRange = ({ min, max }: { min: number; max: number }) => (min === max ? `${min}` : `${min}–${max}`);

/** The three figures first, then every item that has a measure. */
export function assessmentText(answer: Assessment, title: { zh: string; en: string }): string {
  const { determined, undetermined, maximum, demo } = answer;
  const range = shownRange(determined);
  const measured = answer.items.filter(({ verdict }) => verdict !== 'missing');
  return [
    `${title.zh} / ${title.en}`,
    `${answer.from} – ${answer.to}`,
    '',
    `满分 ${maximum} 分：已判定 ${range} 分，${undetermined} 分未判定`,
    `${range} of ${maximum} points, ${undetermined} undetermined`,
    ...(demo ? ['演示：部分数据并非来自现场 / DEMO: some of the data are not from the field'] : []),
    '',
    ...measured.flatMap((item) => {
      const points = item.points === null ? '—' : shownRange(item.points);
      return [
        `${points} / ${item.maximum}  ${item.name.zh} / ${item.name.en}  (${item.item})`,
        `    ${item.reason.zh}`,
        `    ${item.reason.en}`,
        ...(item.evidenceId === null ? [] : [`    证据 evidence ${item.evidenceId}`]),
      ];
    }),
    '',
    `其余 ${answer.items.length - measured.length} 项尚无测算 / ${answer.items.length - measured.length} items have no measure yet`,
  ].join('\n');
}
