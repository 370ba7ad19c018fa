import type { Score } from '#schemas/assessment.ts';
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
  if (verdict.total !== null) {
    const { zh, en } = totalText(verdict.total, verdict.records.at(-1)?.rubric?.form);
    lines.push(say({ zh: `重新计算合计：${zh}`, en: `Computed anew: ${en}` }));
  }
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
    const { zh, en } = shownPoints(score, body.maximum);
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

/** Points as people read them. */
export function shownPoints({ points, conventionPoints }: Score, maximum: number): Finding {
  if (points === null) return { zh: `未判定（满分 ${maximum}）`, en: `undetermined, of ${maximum}` };
  const range = points.min === points.max ? `${points.min}` : `${points.min}–${points.max}`;
  const inside = conventionPoints === null ? null : `${conventionPoints}`;
  return {
    zh: `${range} 分（满分 ${maximum}${inside === null ? '' : `，按约定取 ${inside}`}）`,
    en: `${range} of ${maximum} points${inside === null ? '' : ` (${inside} by convention)`}`,
  };
}

function summary({ holds, records, manifest }: Verdict): Finding {
  if (manifest === null) return { zh: '校验不通过', en: 'NOT VERIFIED' };
  const count = records.length;
  if (!holds) {
    return { zh: '校验不通过：证据包不可采信', en: 'NOT VERIFIED: the pack must not be relied on' };
  }
  const demo = records.some(({ body }) => body?.demo === true);
  return {
    zh: `校验通过：${count} 条证据的每个字节、每个得分都相符${demo ? '；其中有演示数据' : ''}`,
    en: `VERIFIED: every byte and every score of ${count} evidence rows holds${demo ? '; some of it is demo data' : ''}`,
  };
}
