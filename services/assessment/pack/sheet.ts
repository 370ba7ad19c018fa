import { unzipSync, zipSync } from 'fflate';
import writeWorkbook, { type Cell, type SheetData } from 'write-excel-file/node';
import { qrPng } from './qr.ts';
import {
  basisNames,
  countedPoints,
  headText,
  rangeText,
  reasonText,
  reportModel,
  type ReportContent,
  type ReportItem,
  type ReportModel,
} from './report-content.ts';

/** The score sheet as a workbook, Chinese first: the summary with the head as a QR code, the items, the rows. */
export async function reportSheet(content: ReportContent): Promise<Uint8Array> {
  const model = reportModel(content);
  const qr = {
    content: Buffer.from(qrPng(headText(content.head), qrScale)),
    contentType: 'image/png',
    width: 240,
    height: 240,
    dpi: 96,
    anchor: { row: 1, column: 4 },
  };
  const workbook = await writeWorkbook([
    {
      sheet: '总表 Summary',
      columns: widths([26, 44, 14, 14, 40]),
      data: summary(content, model),
      images: [qr],
    },
    {
      sheet: '评分表 Scores',
      columns: widths([20, 44, 44, 10, 10, 10, 12, 14, 60, 60, 10]),
      stickyRowsCount: 1,
      data: scoreRows(model),
    },
    {
      sheet: '证据 Evidence',
      columns: widths([10, 34, 68, 30, 10]),
      stickyRowsCount: 1,
      data: evidenceRows(content),
    },
  ]).toBuffer();
  return withoutTimes(workbook);
}

const qrScale = 4;
const widths = (list: readonly number[]) => list.map((width) => ({ width }));
const bold = (value: string | number): Cell => ({ value, fontWeight: 'bold' });
const long = (value: string): Cell => ({ value, wrap: true, alignVertical: 'top' });

const sectionHead = [
  bold('部分 Section'),
  null,
  bold('已判定 Determined'),
  bold('未判定 Undetermined'),
  bold('满分 Maximum'),
];

function summary({ park, rubric, head, exportedAt, program }: ReportContent, model: ReportModel): SheetData {
  const { determined, undetermined, maximum } = model.total;
  const sections = model.sections.map(({ name, maximum: most, total }) => [
    long(name.zh),
    long(name.en),
    rangeText(total.determined),
    total.undetermined,
    `/ ${most}`,
  ]);
  return [
    [{ value: rubric.title.zh, fontWeight: 'bold', fontSize: 16 }],
    [rubric.title.en],
    ...(model.demo
      ? [[bold('演示：部分数据并非来自现场，不能作为正式证据 / DEMO: not all data are from the field')]]
      : []),
    [bold('园区 Park'), park],
    [bold('版本 Edition'), rubric.edition],
    [bold('评估期 Period'), long(model.periods.join('\n'))],
    [bold('满分 Maximum'), maximum],
    [bold('已判定 Determined'), rangeText(determined)],
    [bold('未判定 Undetermined'), undetermined],
    [bold('导出 Exported'), exportedAt],
    [bold('程序 Program'), program],
    [bold('链头行号 Head row'), head.seq],
    [bold('链头哈希 Head hash'), head.hash],
    [bold('密钥 Key id'), head.keyId],
    // Levels are not added up.
    ...(model.form === 'levels' ? [] : [[], sectionHead, ...sections]),
  ];
}

const scoreHead = [
  '条款 Clause',
  '评分项',
  'Item',
  '满分 Maximum',
  '最低 Least',
  '最高 Most',
  '约定值 By convention',
  '依据 Basis',
  '理由',
  'Reason',
  '证据行 Row',
].map(bold);

function scoreRows({ sections }: ReportModel): SheetData {
  const rows = sections.flatMap(({ name, items }) => [
    [bold(name.zh), null, bold(name.en)],
    ...items.map(scoreRow),
  ]);
  return [scoreHead, ...rows];
}

function scoreRow({ item, record }: ReportItem): Cell[] {
  const score = record?.body.score;
  // As they add up: what an assessor decided stands in both columns.
  const points = record === null ? null : countedPoints(record.body);
  const reason =
    record === null
      ? { zh: '本包内没有该项的证据', en: 'The pack holds no evidence of this item' }
      : reasonText(record.body);
  const basis =
    score === undefined ? '尚无证据 none' : `${basisNames[score.basis].zh} ${basisNames[score.basis].en}`;
  return [
    long(item.clause),
    long(item.name.zh),
    long(item.name.en),
    item.points,
    points?.min ?? null,
    points?.max ?? null,
    score?.conventionPoints ?? null,
    basis,
    long(reason.zh),
    long(reason.en),
    record?.seq ?? null,
  ];
}

function evidenceRows({ records, rubric }: ReportContent): SheetData {
  const hashes = records.map(({ seq, body }) => [
    seq,
    body.item,
    rubric.items.find(({ id }) => id === body.item)?.name.zh ?? body.item,
    `${body.versions.measure} v${body.versions.measureVersion}`,
    body.demo ? '演示 demo' : '',
  ]);
  return [['行 Row', '项 Item', '名称 Name', '测算 Measure', '演示 Demo'].map(bold), ...hashes];
}

/** The same workbook with the same bytes whenever it is made. */
function withoutTimes(workbook: Uint8Array): Uint8Array {
  return zipSync(unzipSync(workbook), { mtime: new Date(1980, 0, 1) });
}
