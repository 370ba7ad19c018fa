import PDFDocument from 'pdfkit';
import { nextTurn } from '#infra/turns.ts';
import { conventionOf } from '#schemas/convention.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import { quantityText } from '#schemas/rubric-units.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { saidInParkTime } from '#schemas/said-instants.ts';
import { totalText } from '../verifier/total-text.ts';
import { fontFile } from './fonts.ts';
import { qrModules } from './qr.ts';
import {
  basisNames,
  countedPoints,
  functionTexts,
  headText,
  inParkTime,
  periodText,
  rangeText,
  reasonText,
  reportModel,
  shown,
  stateMarks,
  type PackRecord,
  type ReportContent,
  type ReportItem,
  type ReportModel,
  type ReportSection,
} from './report-content.ts';

type Document = InstanceType<typeof PDFDocument>;

const regular = 'regular';
const bold = 'bold';

/** A4 in points, and where things stand on it. */
const page = { width: 595.28, height: 841.89, margin: 48, foot: 56 } as const;
const inner = page.width - 2 * page.margin;
const ink = { text: '#1a1a1a', soft: '#666666', line: '#bbbbbb', alert: '#a40000' } as const;
const qrSide = 128;
/** Excluded or noted members shown in print; all are in the tables of the pack. */
const mostShown = 12;

/**
 * The score sheet as people read it: PDF, A4, Chinese first, English second, with the signed head as a QR code on its
 * first page and its hash at the foot of every page. The same content makes the same bytes.
 */
export async function printReport(content: ReportContent): Promise<Uint8Array> {
  const time = new Date(content.exportedAt);
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: page.margin, left: page.margin, right: page.margin, bottom: page.foot },
    bufferPages: true,
    lang: 'zh-CN',
    info: {
      Title: `${content.rubric.title.zh} ${content.park}`,
      Producer: `Parkwatch ${content.program}`,
      Creator: 'Parkwatch',
      CreationDate: time,
      ModDate: time,
    },
  });
  const parts: Uint8Array[] = [];
  doc.on('data', (part: Uint8Array) => parts.push(part));
  const ended = new Promise<void>((resolve, reject) => doc.once('end', resolve).once('error', reject));
  doc.registerFont(regular, fontFile('NotoSansHans-Regular.otf'));
  doc.registerFont(bold, fontFile('NotoSansHans-Bold.otf'));
  const model = reportModel(content);
  cover(doc, content, model);
  for (const section of model.sections) {
    sectionTable(doc, section, model.form !== 'levels');
    await nextTurn();
  }
  openQuestions(doc, content.rubric);
  await details(doc, content);
  footers(doc, content);
  doc.end();
  await ended;
  return Buffer.concat(parts);
}

interface TextStyle {
  readonly size?: number;
  readonly font?: string;
  readonly color?: string;
  readonly x?: number;
  readonly width?: number;
  readonly align?: 'left' | 'right';
}

/** Writes a text at the cursor and leaves the cursor below it. */
function write(doc: Document, text: string, style: TextStyle = {}): void {
  const {
    size = 9.5,
    font = regular,
    color = ink.text,
    x = page.margin,
    width = inner,
    align = 'left',
  } = style;
  doc.font(font).fontSize(size).fillColor(color).text(text, x, doc.y, { width, align, lineGap: 1.5 });
}

function heightOf(
  doc: Document,
  text: string,
  { size = 9.5, font = regular, width = inner }: TextStyle,
): number {
  return doc.font(font).fontSize(size).heightOfString(text, { width, lineGap: 1.5 });
}

/** Begins a new page when less than this is left. */
function need(doc: Document, height: number): void {
  if (doc.y + height > page.height - page.foot) doc.addPage();
}

function rule(doc: Document, gap = 4): void {
  doc
    .moveTo(page.margin, doc.y + gap)
    .lineTo(page.width - page.margin, doc.y + gap)
    .lineWidth(0.5)
    .strokeColor(ink.line)
    .stroke();
  doc.y += 2 * gap;
}

function cover(doc: Document, content: ReportContent, model: ReportModel): void {
  const { park, rubric, head, exportedAt, program } = content;
  const timeZone = content.records[0]?.body.period.timeZone ?? 'UTC';
  write(doc, rubric.title.zh, { size: 19, font: bold });
  write(doc, rubric.title.en, { size: 10.5, color: ink.soft });
  doc.y += 4;
  write(doc, '评估证据报告 Evidence report', { size: 12 });
  rule(doc, 6);
  if (model.demo) {
    const mark =
      '演示：部分数据并非来自现场，不能作为正式证据。 DEMO: some of the data are not from the field; this is no formal evidence.';
    write(doc, mark, { font: bold, color: ink.alert });
    doc.y += 4;
  }
  const top = doc.y;
  qrCode(doc, headText(head), { x: page.width - page.margin - qrSide, y: top });
  const facts: [string, string][] = [
    ['园区 Park', park],
    ['版本 Edition', rubric.edition],
    ['评估期 Period', model.periods.join('\n')],
    ['导出 Exported', `${saidInParkTime(exportedAt, timeZone)} (${timeZone})`],
    ['程序 Program', program],
    ['日志行数 Rows', String(head.seq)],
    ['密钥编号 Key id', head.keyId],
    ['链头哈希 Head hash', `${head.hash.slice(0, 32)}\n${head.hash.slice(32)}`],
  ];
  for (const [name, value] of facts) fact(doc, { name, value, width: inner - qrSide - 20 });
  doc.y = Math.max(doc.y, top + qrSide + 4);
  write(
    doc,
    '二维码即签名的链头：扫描所得文本保存为文件，可作见证（parkwatch-verify PACK --witness 文件），自此之前的记录不可能被悄悄改动。 The QR code is the signed head: its text, kept as a file, is a witness that no row up to it can be changed unnoticed.',
    { size: 7.5, color: ink.soft },
  );
  rule(doc, 6);
  figures(doc, model);
  sectionSums(doc, model);
}

function fact(doc: Document, { name, value, width }: { name: string; value: string; width: number }): void {
  const y = doc.y;
  write(doc, name, { color: ink.soft, width: 110 });
  const after = doc.y;
  doc.y = y;
  write(doc, value, { x: page.margin + 114, width: width - 114 });
  doc.y = Math.max(after, doc.y) + 2;
}

/** Three figures, never one. */
function figures(doc: Document, { total, bases, form }: ReportModel): void {
  const { zh, en } = totalText(total, form);
  write(doc, zh, { size: 14, font: bold });
  const most = total.maximum - total.undetermined;
  const lost = rangeText({ min: most - total.determined.max, max: most - total.determined.min });
  const told = form === undefined ? `未得 ${lost} 分。 ${en}, ${lost} not earned` : en;
  write(doc, told, { color: ink.soft });
  const shares = bases.map(({ basis, points }) => {
    const name = basisNames[basis];
    return `${name.zh} ${name.en} ${rangeText(points)}`;
  });
  if (shares.length > 0) write(doc, `依据 By basis: ${shares.join(' · ')}`, { color: ink.soft });
  doc.y += 6;
}

function sectionSums(doc: Document, { sections, form }: ReportModel): void {
  // Levels are not added up.
  if (form === 'levels') return;
  for (const { name, maximum, total } of sections) {
    need(doc, 20);
    const y = doc.y;
    write(doc, `${name.zh} ${name.en}`, { width: inner - 190 });
    const after = doc.y;
    doc.y = y;
    const text = `${rangeText(total.determined)} / ${shown(maximum)}   未判定 undetermined ${shown(total.undetermined)}`;
    write(doc, text, { x: page.width - page.margin - 190, width: 190, align: 'right' });
    doc.y = Math.max(after, doc.y) + 1;
  }
}

/** Columns of the score sheet. */
const columns = { points: inner - 150, basis: inner - 88, row: inner - 36 } as const;

function sectionTable(doc: Document, section: ReportSection, isSummed: boolean): void {
  doc.addPage();
  write(doc, `${section.name.zh}  ${section.name.en}`, { size: 13, font: bold });
  if (isSummed) {
    const { determined, undetermined } = section.total;
    const text = `已判定 ${rangeText(determined)} / ${shown(section.maximum)}，未判定 ${shown(undetermined)}`;
    write(doc, text, { color: ink.soft });
  }
  doc.y += 2;
  const y = doc.y;
  cell(doc, { text: '得分 / 满分', x: columns.points, y, width: 58 });
  cell(doc, { text: '依据 basis', x: columns.basis, y, width: 56 });
  cell(doc, { text: '行 row', x: columns.row, y, width: 36 });
  rule(doc, 2);
  for (const item of section.items) itemRow(doc, item);
}

function itemRow(doc: Document, { item, record }: ReportItem): void {
  const width = columns.points - 10;
  const score = record?.body.score;
  // Of an item without evidence the basis column says all there is.
  const reason = record === null ? { zh: '', en: '' } : reasonText(record.body);
  const names = `${item.name.en} · ${item.clause} · ${item.id}`;
  need(
    doc,
    heightOf(doc, item.name.zh, { font: bold, width }) +
      heightOf(doc, names, { size: 7.5, width }) +
      (score === undefined ? 0 : heightOf(doc, `${reason.zh}\n${reason.en}`, { size: 8.5 })) +
      12,
  );
  const y = doc.y;
  write(doc, item.name.zh, { font: bold, width });
  write(doc, names, { size: 7.5, color: ink.soft, width });
  const after = doc.y;
  const basis = score === undefined ? { zh: '无证据', en: 'no evidence' } : basisNames[score.basis];
  cell(doc, {
    text: `${rangeText(record === null ? null : countedPoints(record.body))} / ${shown(item.points)}`,
    x: columns.points,
    y,
    width: 58,
  });
  cell(doc, { text: `${basis.zh}\n${basis.en}`, x: columns.basis, y, width: 56 });
  cell(doc, { text: record === null ? '' : `#${record.seq}`, x: columns.row, y, width: 36 });
  doc.y = Math.max(after, doc.y);
  if (score !== undefined) {
    write(doc, reason.zh, { size: 8.5 });
    write(doc, reason.en, { size: 7.5, color: ink.soft });
  }
  rule(doc, 3);
}

function cell(doc: Document, at: { text: string; x: number; y: number; width: number }): void {
  doc.y = at.y;
  write(doc, at.text, { x: page.margin + at.x, width: at.width, align: 'right', size: 8.5 });
}

/** What the document as a whole leaves open, and after it what single items do, each with what we chose. */
function openQuestions(doc: Document, rubric: Rubric): void {
  const asked = rubric.items.filter((item) => item.openQuestions.length > 0);
  if (rubric.openQuestions.length + asked.length === 0) return;
  doc.addPage();
  write(doc, '原文未明之处  What the source leaves open', { size: 13, font: bold });
  rule(doc);
  for (const text of rubric.openQuestions) both(doc, text, '');
  for (const item of asked) {
    need(doc, 40);
    write(doc, `${item.name.zh}  ${item.name.en}`, { font: bold, size: 8.5 });
    for (const text of item.openQuestions) both(doc, text, '? ');
    const convention = conventionOf(rubric, item);
    if (convention !== null) both(doc, convention, '约定 convention: ');
  }
}

/** Every record with what it was computed from. */
async function details(doc: Document, { records, rubric }: ReportContent): Promise<void> {
  doc.addPage();
  write(doc, '证据明细  The evidence row by row', { size: 13, font: bold });
  rule(doc);
  for (const record of records) {
    detail(doc, record, rubric);
    await nextTurn();
  }
}

function valueText(value: number, unit: string): string {
  const { zh, en } = quantityText(value, unit);
  return zh === en ? zh : `${zh} (${en})`;
}

function detail(doc: Document, record: PackRecord, rubric: Rubric): void {
  const { seq, body } = record;
  const { measurement, name, versions, inputs, period } = body;
  const { population, value, unit, completeness, missing } = measurement;
  need(doc, 90);
  write(doc, `#${seq}  ${name.zh}  ${name.en}`, { font: bold });
  const found = [
    value === null ? null : `数值 value ${valueText(value, unit)}`,
    body.score.conventionPoints === null ? null : `按约定 by convention ${body.score.conventionPoints}`,
    `计入 counted ${population.counted} / ${population.of}`,
    completeness === null ? null : `完整率 completeness ${Math.floor(completeness * 1_000) / 10} %`,
    body.demo ? '演示 DEMO' : null,
  ];
  write(doc, found.filter((text) => text !== null).join(' · '));
  const said = (text: Bilingual) => inParkTime(text, period.timeZone);
  for (const text of missing) both(doc, said(text), '缺 ');
  for (const { state, text } of functionTexts(record, rubric)) both(doc, text, stateMarks[state]);
  const notes = (all: readonly Note[]) => all.map(({ id, reason }) => ({ id, reason: said(reason) }));
  members(doc, '排除 Excluded', notes(population.excluded));
  members(doc, '注意 Noted', notes(population.noted ?? []));
  const files = inputs.map((input) => `${input.name} ${input.sha256.slice(0, 16)}…`).join(' · ');
  const text = `${periodText(body)} (${period.timeZone}) · ${versions.measure} v${versions.measureVersion} · ${files}`;
  write(doc, text, { size: 7, color: ink.soft });
  rule(doc, 3);
}

function both(doc: Document, { zh, en }: Bilingual, mark: string): void {
  need(doc, 24);
  write(doc, `${mark}${zh}  ${en}`, { size: 8.5, x: page.margin + 10, width: inner - 10 });
}

interface Note {
  readonly id: string;
  readonly reason: Bilingual;
}

function members(doc: Document, title: string, notes: readonly Note[]): void {
  if (notes.length === 0) return;
  const more = notes.length > mostShown ? `（前 ${mostShown} 个，其余见 population/*.csv）` : '';
  need(doc, 36);
  write(doc, `${title} ${notes.length}${more}`, { size: 8.5, x: page.margin + 10 });
  for (const { id, reason } of notes.slice(0, mostShown)) {
    need(doc, 24);
    const text = `${id}：${reason.zh}  ${reason.en}`;
    write(doc, text, { size: 7.5, color: ink.soft, x: page.margin + 20, width: inner - 20 });
  }
}

function footers(doc: Document, { park, rubric, head }: ReportContent): void {
  const { start, count } = doc.bufferedPageRange();
  for (let index = start; index < start + count; index++) {
    doc.switchToPage(index);
    // Below the margin a text would begin another page.
    doc.page.margins.bottom = 0;
    doc.y = page.height - 38;
    write(doc, `${park} · ${rubric.id} ${rubric.edition} · 链头 head #${head.seq} ${head.hash}`, {
      size: 6.5,
      color: ink.soft,
      width: inner - 60,
    });
    doc.y = page.height - 38;
    const x = page.width - page.margin - 60;
    write(doc, `${index + 1} / ${count}`, { size: 7, color: ink.soft, x, width: 60, align: 'right' });
  }
}

function qrCode(doc: Document, text: string, { x, y }: { x: number; y: number }): void {
  const modules = qrModules(text);
  const side = qrSide / modules.length;
  for (const [row, line] of modules.entries()) {
    for (const [column, isDark] of line.entries()) {
      // A hair wider than a module, so that no light line shows between two.
      if (isDark) doc.rect(x + column * side, y + row * side, side + 0.05, side + 0.05);
    }
  }
  doc.fillColor('#000000').fill();
}
