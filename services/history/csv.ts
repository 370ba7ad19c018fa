import { pointKey } from '#schemas/ids.ts';
import { qualityWord, type Quality } from '#schemas/reading.ts';
import type { Block } from './export-blocks.ts';

export interface CsvLook {
  readonly language: 'zh' | 'en';
  /** For spreadsheets: a byte order mark, and no text that they would run as a formula. */
  readonly bom: boolean;
  /** IANA zone of the column of local times. */
  readonly timeZone: string;
}

const heads = {
  raw: {
    en: ['point', 'time (UTC)', 'local time', 'value', 'state', 'unit', 'quality'],
    zh: ['测点', '时间 (UTC)', '本地时间', '数值', '状态', '单位', '质量'],
  },
  buckets: {
    en: ['point', 'start (UTC)', 'local start', 'average', 'min', 'max', 'count', 'unit', 'quality'],
    zh: ['测点', '时段开始 (UTC)', '本地时间', '平均值', '最小值', '最大值', '读数个数', '单位', '质量'],
  },
} as const;

const qualityNames: Readonly<Record<CsvLook['language'], Readonly<Record<Quality, string>>>> = {
  en: { good: 'good', uncertain: 'uncertain', bad: 'bad' },
  zh: { good: '正常', uncertain: '存疑', bad: '无效' },
};

const byteOrderMark = '\uFEFF';

/** The first line, with what stands before it. */
export function csvHead(kind: Block['kind'], { language, bom }: CsvLook): string {
  return `${bom ? byteOrderMark : ''}${heads[kind][language].map((head) => cell(head, bom)).join(',')}\r\n`;
}

/** Turns blocks into lines (RFC 4180); numbers are the shortest text that reads back as the same number. Pure but for its cache. */
export function csvLines(look: CsvLook): (block: Block) => string {
  const localText = localTexts(look.timeZone);
  const names = qualityNames[look.language];
  return (block) => {
    const { point, timesUs, qualities } = block;
    const key = cell(pointKey(point.deviceId, point.metric), look.bom);
    const unit = cell(point.unit, look.bom);
    let text = '';
    for (const [row, timeUs] of timesUs.entries()) {
      const quality = names[qualityWord(qualities[row] ?? 2)];
      const times = `${key},${isoText(timeUs)},${localText(timeUs)}`;
      if (block.kind === 'raw') {
        const value = block.values[row] ?? 0;
        text += `${times},${numberText(value)},${cell(point.states[value] ?? '', look.bom)},${unit},${quality}\r\n`;
      } else {
        const { avg, min, max, count } = block;
        const numbers = [avg[row], min[row], max[row], count[row]].map((number) =>
          numberText(number ?? null),
        );
        text += `${times},${numbers.join(',')},${unit},${quality}\r\n`;
      }
    }
    return text;
  };
}

/** `2026-01-05T00:00:00.000123Z`, of epoch µs. */
export function isoText(timeUs: number): string {
  const wholeMs = Math.floor(timeUs / 1e3);
  const restUs = timeUs - wholeMs * 1e3;
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${String(restUs).padStart(3, '0')}Z`;
}

function numberText(value: number | null): string {
  if (value === null) return '';
  return Object.is(value, -0) ? '-0' : String(value);
}

function cell(text: string, forSpreadsheet: boolean): string {
  const safe = forSpreadsheet && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const quarterMs = 15 * 60_000;
/** Quarters of an hour whose offset is remembered: more than lie between two neighbouring readings of an export. */
const rememberedQuarters = 10_000;

/** `2026-01-05 08:00:00.000`, the park's wall clock; a zone changes its offset only on quarters of an hour. */
function localTexts(timeZone: string): (timeUs: number) => string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, number>();
  const offsetMs = (timeMs: number): number => {
    const quarter = Math.floor(timeMs / quarterMs);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const name = format.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    const found = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    if (offsets.size >= rememberedQuarters) offsets.clear();
    offsets.set(quarter, found);
    return found;
  };
  return (timeUs) => {
    const timeMs = Math.floor(timeUs / 1e3);
    return new Date(timeMs + offsetMs(timeMs)).toISOString().slice(0, -1).replace('T', ' ');
  };
}
