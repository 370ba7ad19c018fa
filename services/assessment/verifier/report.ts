import type { Score } from '#schemas/assessment.ts';
import type { Rubric } from '#schemas/rubric.ts';
import type { Finding } from './pack-form.ts';
import type { RecordVerdict } from './record-check.ts';
import { totalText } from './total-text.ts';
import type { Verdict } from './verify.ts';

export type ReportLanguage = 'zh' | 'en';

/** The verdict as people read it, in one language. */
export function reportText(verdict: Verdict, language: ReportLanguage): string {
  const say = (finding: Finding) => finding[language];
  const { manifest, rows, witness } = verdict;
  const lines: string[] = [];
  if (manifest !== null) {
    lines.push(
      say({
        zh: `证据包：园区 ${manifest.park}，评分细则 ${manifest.rubric}，导出于 ${manifest.exportedAt}（程序 ${manifest.program}）`,
        en: `Evidence pack: park ${manifest.park}, rubric ${manifest.rubric}, exported ${manifest.exportedAt} (program ${manifest.program})`,
      }),
      say({
        zh: `密钥 ${manifest.keyId}：请与园区公布的密钥编号核对；日志共 ${rows} 行`,
        en: `Key ${manifest.keyId}: compare it with the key id that the park published; the journal has ${rows} rows`,
      }),
      '',
    );
  }
  for (const record of verdict.records) lines.push(...recordLines(record, language));
  for (const finding of verdict.findings) lines.push(`✗ ${say(finding)}`);
  if (witness !== null) {
    for (const finding of witness.findings) lines.push(`✗ ${say(finding)}`);
    for (const note of witness.notes) lines.push(`· ${say(note)}`);
    if (witness.confirmed !== null) {
      const { seq, time } = witness.confirmed;
      lines.push(
        say({
          zh: `✓ 见证：第 1 至 ${seq} 行自 ${time} 起不可能在不被发现的情况下被改动`,
          en: `✓ Witness: rows 1 to ${seq} cannot have been changed unnoticed since ${time}`,
        }),
      );
    }
  }
  lines.push('');
  const total = totalLine(verdict);
  if (total !== null) lines.push(say(total));
  lines.push(say(summary(verdict)));
  return lines.map(printable).join('\n');
}

/** A pack may hold anything, also what would drive a terminal. */
function printable(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '?');
}

function recordLines(record: RecordVerdict, language: ReportLanguage): string[] {
  const { seq, body, score, counts, findings, notes } = record;
  const mark = findings.length === 0 ? '✓' : '✗';
  const title = body === null ? '?' : `${body.item} ${body.name[language]}`;
  const lines = [`${mark} #${seq} ${title}`];
  if (body !== null) lines.push(`    ${body.period.from} – ${body.period.to} (${body.period.timeZone})`);
  if (score !== null && body !== null) {
    const { zh, en } = shownPoints(score, body.maximum, record.rubric?.form);
    lines.push(
      language === 'zh'
        ? `    重新计算得分：${zh}；${score.reason.zh}`
        : `    Computed anew: ${en}; ${score.reason.en}`,
      language === 'zh'
        ? `    统计范围：${counts.of} 个成员中 ${counts.counted} 个计入`
        : `    Population: ${counts.counted} of ${counts.of} members counted`,
    );
  }
  if (body?.demo === true) lines.push(`    ${demoMark(counts.foreign)[language]}`);
  for (const finding of findings) lines.push(`    ✗ ${finding[language]}`);
  for (const note of notes) lines.push(`    · ${note[language]}`);
  return lines;
}

function demoMark(foreign: number): Finding {
  return {
    zh: `演示：${foreign} 个成员的数据并非来自现场，不能作为正式证据`,
    en: `DEMO: the data of ${foreign} members are not from the field; this is no formal evidence`,
  };
}

/** What was earned as people read it: points, a level, or what became of a requirement. */
function shownPoints(
  { points, conventionPoints, band }: Score,
  maximum: number,
  form: Rubric['form'] | undefined,
): Finding {
  if (points === null) {
    return form === 'requirements'
      ? { zh: '未判定', en: 'undetermined' }
      : { zh: `未判定（满分 ${maximum}）`, en: `undetermined, of ${maximum}` };
  }
  const range = points.min === points.max ? `${points.min}` : `${points.min}–${points.max}`;
  if (form === 'levels')
    return { zh: `${range} 级（最高 ${maximum} 级）`, en: `level ${range} of ${maximum}` };
  if (form === 'requirements') {
    if (band === 'not-applicable') return { zh: '不适用', en: 'does not apply' };
    return points.min > 0 ? { zh: '符合', en: 'met' } : { zh: '不符合', en: 'not met' };
  }
  const inside = conventionPoints === null ? null : `${conventionPoints}`;
  return {
    zh: `${range} 分（满分 ${maximum}${inside === null ? '' : `，按约定取 ${inside}`}）`,
    en: `${range} of ${maximum} points${inside === null ? '' : ` (${inside} by convention)`}`,
  };
}

/** What somebody wants to know first beside whether it holds: the total, and how much of it does not. */
export function headlines(verdict: Verdict, language: ReportLanguage): string[] {
  const { manifest, records, findings } = verdict;
  const { told } = verdictWords(verdict);
  const lines = told === null ? [] : [told];
  const total = totalLine(verdict);
  if (total !== null) lines.push(total);
  const bad = records.filter((record) => record.findings.length > 0).length;
  if (!verdict.holds && manifest !== null) {
    lines.push({
      zh: `${bad} 条证据、${findings.length} 处文件或日志不符，见下文“✗”`,
      en: `${bad} rows and ${findings.length} files or links do not hold: see ✗ below`,
    });
  }
  return lines.map((line) => printable(line[language]));
}

function totalLine({ total, records }: Verdict): Finding | null {
  if (total === null) return null;
  const { zh, en } = totalText(total, records.at(-1)?.rubric?.form);
  return { zh: `重新计算合计：${zh}`, en: `Computed anew: ${en}` };
}

/** The verdict in one or two words, and what it means. */
export function verdictWords({ holds, records, manifest }: Verdict): {
  readonly title: Finding;
  readonly told: Finding | null;
} {
  if (!holds) {
    const told = { zh: '证据包不可采信', en: 'the pack must not be relied on' };
    return { title: { zh: '校验不通过', en: 'NOT VERIFIED' }, told: manifest === null ? null : told };
  }
  const count = records.length;
  const demo = records.some(({ body }) => body?.demo === true);
  return {
    title: { zh: '校验通过', en: 'VERIFIED' },
    told: {
      zh: `${count} 条证据的每个字节、每个得分都相符${demo ? '；其中有演示数据' : ''}`,
      en: `every byte and every score of ${count} evidence rows holds${demo ? '; some of it is demo data' : ''}`,
    },
  };
}

function summary(verdict: Verdict): Finding {
  const { title, told } = verdictWords(verdict);
  return told === null ? title : { zh: `${title.zh}：${told.zh}`, en: `${title.en}: ${told.en}` };
}
