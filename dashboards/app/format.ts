import type { Point } from './api.ts';
import type { Translate } from './i18n.ts';
import type { Language } from './preferences.ts';

/** How units are written for people; canonical names (schemas/units.ts) stay in data and exports. */
const unitSigns: Readonly<Record<string, string>> = {
  m3: 'm³',
  'm3/h': 'm³/h',
  degC: '°C',
  deg: '°',
  'ug/m3': 'µg/m³',
  'mg/m3': 'mg/m³',
  'uS/cm': 'µS/cm',
  '1': '',
};

export function unitSign(unit: string): string {
  return unitSigns[unit] ?? unit;
}

/** A number with exactly `decimals` digits, grouped; the same in both languages so that columns align. */
export function formatNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '—';
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Whole numbers, grouped. */
export function formatCount(value: number): string {
  return formatNumber(value, 0);
}

/** A figure whose precision nobody named: up to `most` digits after the point. */
export function formatLoose(value: number, most = 3): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: most });
}

const mib = 1024 * 1024;

/** Bytes of a table; what is not known is a dash. */
export function formatMib(bytes: number | null): string {
  return bytes === null ? '—' : `${formatLoose(bytes / mib, 1)} MiB`;
}

/** The state of a state point whose number is `value`; undefined when the class knows none. */
export function stateOf(point: Pick<Point, 'states'>, value: number) {
  return point.states[value];
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago `timeMs` was, in one unit. */
export function formatAge(t: Translate, timeMs: number, presentMs: number): string {
  const age = presentMs - timeMs;
  if (age < -2 * secondMs) return t('age.future', { n: Math.round(-age / secondMs) });
  if (age < 2 * secondMs) return t('age.now');
  if (age < minuteMs) return t('age.seconds', { n: Math.floor(age / secondMs) });
  if (age < hourMs) return t('age.minutes', { n: Math.floor(age / minuteMs) });
  if (age < 2 * dayMs) return t('age.hours', { n: Math.floor(age / hourMs) });
  return t('age.days', { n: Math.floor(age / dayMs) });
}

/** A length of time in its largest unit that keeps it readable. */
export function formatSpan(t: Translate, spanMs: number): string {
  if (spanMs < 2 * minuteMs) return t('span.seconds', { n: formatLoose(spanMs / secondMs, 1) });
  if (spanMs < 2 * hourMs) return t('span.minutes', { n: Math.round(spanMs / minuteMs) });
  if (spanMs < 2 * dayMs) return t('span.hours', { n: formatLoose(spanMs / hourMs, 1) });
  return t('span.days', { n: formatLoose(spanMs / dayMs, 1) });
}

/** What is measured in seconds and lasts longer than this is told in words, s. */
const longS = 3_600;

/** A value as a person reads it. */
export interface Quantity {
  readonly text: string;
  readonly unit: string;
  /** The value itself where the text rounds it to another unit. */
  readonly exact: string | undefined;
}

/** A value in its unit; seconds above an hour as a length of time. `decimals` absent: as many digits as it needs. */
export function formatQuantity(
  t: Translate,
  { value, unit, decimals }: { value: number; unit: string; decimals?: number },
): Quantity {
  if (unit === 's' && Math.abs(value) > longS) {
    const sign = value < 0 ? '-' : '';
    const text = sign + formatSpan(t, Math.abs(value) * secondMs);
    return { text, unit: '', exact: `${formatLoose(value)} s` };
  }
  const text = decimals === undefined ? formatLoose(value) : formatNumber(value, decimals);
  // A day is a word, not a sign that both languages share.
  if (unit === 'd') return { text: t('span.days', { n: text }), unit: '', exact: undefined };
  return { text, unit: unitSign(unit), exact: undefined };
}

/** {@link formatQuantity} in one text. */
export function quantityText(t: Translate, quantity: { value: number; unit: string }): string {
  const { text, unit } = formatQuantity(t, quantity);
  return `${text} ${unit}`.trim();
}

/** True when a value is older than twice the interval at which it is due. */
export function isStale(timeMs: number, presentMs: number, expectedIntervalS: number): boolean {
  return presentMs - timeMs > 2 * expectedIntervalS * secondMs;
}

export type TimeStyle = 'second' | 'minute' | 'day' | 'clock';

const timeFields: Readonly<Record<TimeStyle, Intl.DateTimeFormatOptions>> = {
  second: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  },
  minute: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
};

/** An instant in the park's time zone, e.g. `2026-03-01 14:05:09`; the order does not change with the language. */
export function formatTime(timeMs: number, timeZone: string, style: TimeStyle = 'second'): string {
  if (!Number.isFinite(timeMs)) return '—';
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...timeFields[style] });
  const part = Object.fromEntries(parts.formatToParts(timeMs).map(({ type, value }) => [type, value]));
  const day = [part['year'], part['month'], part['day']].filter(Boolean).join('-');
  const clock = [part['hour'], part['minute'], part['second']].filter(Boolean).join(':');
  return [day, clock].filter((text) => text !== '').join(' ');
}

/** How names are compared: digits by value, Chinese by pinyin. */
export function collator(language: Language): Intl.Collator {
  return new Intl.Collator(language, { numeric: true });
}

/** One CSV file: RFC 4180 quoting, and a byte order mark so that spreadsheets read Chinese. */
export function toCsv(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  const cell = (value: string | number | null | undefined) => {
    let text = value === null || value === undefined ? '' : String(value);
    // A text that a spreadsheet would run as a formula is made plain.
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
