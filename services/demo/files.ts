import PDFDocument from 'pdfkit';
import { fontFile } from '#services/assessment/pack/fonts.ts';
import { drawPng } from './png.ts';

/**
 * The documents of the demo: a page each that says what it stands for, and that it is none. Made here, so that nothing of
 * anybody else's is in them.
 */
export interface DemoFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const pages = {
  rules: ['智慧园区管理制度汇编', ['一、总则', '二、流程与任务分工', '三、考核']],
  body: ['智慧园区工作机构与职责', ['领导小组、工作专班', '岗位职责（修订中）']],
  funds: ['年度信息化预算（送审稿）', ['运维 62 万元', '改造 120 万元', '培训 8 万元']],
  plan: ['火灾应急预案', ['报警、处置、疏散', '疏散路线图（待更新）']],
  survey: ['测试与调查报告', ['样本 120，回收 86', '移动信号覆盖 97.4 %']],
  minutes: ['会议与服务记录', ['时间、参加人、结论']],
  certificate: ['证书', ['证书编号：示例-0001', '有效期见台账']],
  inspection: ['检验报告', ['结论：合格', '下次检验日期见台账']],
} as const satisfies Record<string, readonly [title: string, lines: readonly string[]]>;

export type DemoFileId = keyof typeof pages | 'photo';
export const demoFileIds: readonly DemoFileId[] = [
  ...(Object.keys(pages) as (keyof typeof pages)[]),
  'photo',
];

/** Written into each file instead of the time, so that the same demo makes the same bytes. */
const madeAt = new Date('2026-01-01T00:00:00Z');
const mark = '示例文件，并非真实文件   DEMO, not a real document';
const alert = '#a40000';

export async function demoFile(id: DemoFileId): Promise<DemoFile> {
  if (id === 'photo') return { name: '示例-现场照片.png', bytes: drawPng() };
  const [title, lines] = pages[id];
  return { name: `示例-${title}.pdf`, bytes: await page(title, lines) };
}

/** One page of A5. */
async function page(title: string, lines: readonly string[]): Promise<Uint8Array> {
  const info = {
    Title: title,
    Producer: 'Parkwatch',
    Creator: 'Parkwatch',
    CreationDate: madeAt,
    ModDate: madeAt,
  };
  const doc = new PDFDocument({ size: 'A5', margin: 48, lang: 'zh-CN', info });
  const parts: Uint8Array[] = [];
  doc.on('data', (part: Uint8Array) => parts.push(part));
  const ended = new Promise<void>((resolve, reject) => doc.once('end', resolve).once('error', reject));
  doc.font(fontFile('NotoSansHans-Regular.otf'));
  doc.fontSize(11).fillColor(alert).text(mark).moveDown(2);
  doc.fillColor('black').fontSize(18).text(title).moveDown();
  doc.fontSize(11);
  for (const line of lines) doc.text(line).moveDown(0.5);
  doc.end();
  await ended;
  return Buffer.concat(parts);
}
