import type { Role } from './roles.ts';

/**
 * Personal data in what the field sends (DESIGN §9): keys of an event's `data` whose values name a person, the card of
 * one, or the car of one. Upper and lower case, `_` and `-` make no difference.
 */
export const personalKeys = [
  'credential',
  'credentialNumber',
  'card',
  'cardNo',
  'cardNumber',
  'person',
  'personId',
  'personName',
  'userName',
  'employeeNo',
  'mobile',
  'idCard',
  'holder',
  'visitor',
  'visitorName',
  'phone',
  'idNumber',
  'plate',
  'plateNumber',
  'licensePlate',
] as const;

/** Those whose work needs to know who it was; everybody else sees what is left of it below. */
export const personalReaders: readonly Role[] = ['operator', 'engineer', 'admin'];

const normal = (key: string) => key.toLowerCase().replaceAll(/[_-]/g, '');
const normalKeys = new Set<string>(personalKeys.map(normal));
/** Enough to tell two people on one screen apart, too little to know them. */
const shownLength = 2;
const shortestShown = 6;

function masked(value: string): string {
  if (isMasked(value)) return value;
  return `***${value.length < shortestShown ? '' : value.slice(-shownLength)}`;
}

/** Masked already, where it was read; what is left must not become less, or two people one. */
export function isMasked(value: string): boolean {
  return value.startsWith('***') && value.length <= '***'.length + shownLength;
}

/** The data of an event in which the values of personal keys, at any depth, are masked. */
export function maskPersonalData<Data extends object>(data: Data): Record<keyof Data & string, unknown> {
  return replacePersonalData(data, masked);
}

/** The same with something else in the place of each value that names somebody; lists and objects there are hidden. */
export function replacePersonalData<Data extends object>(
  data: Data,
  replace: (value: string) => string,
): Record<keyof Data & string, unknown> {
  const entries = Object.entries(data).map(([key, value]) => [
    key,
    normalKeys.has(normal(key)) ? replaceWhole(value, replace) : replaceInside(value, replace),
  ]);
  return Object.fromEntries(entries) as Record<keyof Data & string, unknown>;
}

function replaceInside(value: unknown, replace: (value: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => replaceInside(one, replace));
  return typeof value === 'object' && value !== null ? replacePersonalData(value, replace) : value;
}

function replaceWhole(value: unknown, replace: (value: string) => string): unknown {
  if (value === null) return null;
  return typeof value === 'string' || typeof value === 'number' ? replace(String(value)) : '***';
}

/**
 * Text as the field sent it, which need not be JSON or may be cut off: what stands behind a personal key, up to the
 * end of the string or number, is masked; an object or a list there hides the rest of the text.
 */
export function maskPersonalText(text: string): string {
  const cut = text.search(nestedText);
  const whole = cut < 0 ? text : `${text.slice(0, cut)}***`;
  const written = (_: string, before: string, quoted?: string, other = '') =>
    before + (quoted === undefined ? masked(other) : `"${masked(quoted)}`);
  return whole.replaceAll(personalText, written);
}

const keyPattern = personalKeys.map((key) => key.replaceAll(/(?=[A-Z])/g, '[_-]?')).join('|');
const personalText = new RegExp(
  `("(?:${keyPattern})"\\s*:\\s*)(?:"((?:[^"\\\\]|\\\\.)*)|([^"\\s,}\\]]+))`,
  'gi',
);
const nestedText = new RegExp(`(?<="(?:${keyPattern})"\\s*:\\s*)[[{]`, 'i');
