/**
 * Canonical units (SI and accepted units; UCUM-like spelling) and the only place where units are converted.
 * A gateway that is told a source unit converts here; everything behind it is canonical.
 */
export const unitNames = [
  'kW',
  'kWh',
  'kvar',
  'kVA',
  'V',
  'A',
  'Hz',
  'm3',
  'm3/h',
  'MPa',
  'degC',
  '%',
  'ug/m3',
  'mg/m3',
  'mg/L',
  'ppm',
  'dB(A)',
  'm/s',
  'deg',
  'mm',
  'pH',
  'NTU',
  'uS/cm',
  'px',
  'fps',
  'kbit/s',
  's',
  'h',
  'd',
  'kg',
  'lx',
  'dBm',
  'W/m2',
  '1',
] as const;
export type UnitName = (typeof unitNames)[number];

/** amount = raw * factor + offset, in the base of its quantity; units of one quantity convert into each other. */
interface Scale {
  readonly quantity: string;
  readonly factor: number;
  readonly offset: number;
}

const scale = (quantity: string, factor: number, offset = 0): Scale => ({ quantity, factor, offset });

const scales: ReadonlyMap<string, Scale> = new Map([
  ['kW', scale('power', 1)],
  ['W', scale('power', 1e-3)],
  ['MW', scale('power', 1e3)],
  ['kWh', scale('energy', 1)],
  ['Wh', scale('energy', 1e-3)],
  ['MWh', scale('energy', 1e3)],
  ['MJ', scale('energy', 1 / 3.6)],
  ['GJ', scale('energy', 1e3 / 3.6)],
  ['kvar', scale('reactive power', 1)],
  ['var', scale('reactive power', 1e-3)],
  ['kVA', scale('apparent power', 1)],
  ['VA', scale('apparent power', 1e-3)],
  ['V', scale('voltage', 1)],
  ['mV', scale('voltage', 1e-3)],
  ['kV', scale('voltage', 1e3)],
  ['A', scale('current', 1)],
  ['mA', scale('current', 1e-3)],
  ['kA', scale('current', 1e3)],
  ['m3', scale('volume', 1)],
  ['L', scale('volume', 1e-3)],
  ['m3/h', scale('flow', 1)],
  ['L/h', scale('flow', 1e-3)],
  ['L/min', scale('flow', 0.06)],
  ['L/s', scale('flow', 3.6)],
  ['m3/s', scale('flow', 3_600)],
  ['MPa', scale('pressure', 1)],
  ['kPa', scale('pressure', 1e-3)],
  ['Pa', scale('pressure', 1e-6)],
  ['bar', scale('pressure', 0.1)],
  ['degC', scale('temperature', 1)],
  ['degF', scale('temperature', 5 / 9, -160 / 9)],
  ['K', scale('temperature', 1, -273.15)],
  ['ug/m3', scale('air concentration', 1)],
  ['mg/m3', scale('air concentration', 1e3)],
  ['mg/L', scale('water concentration', 1)],
  ['ug/L', scale('water concentration', 1e-3)],
  ['g/L', scale('water concentration', 1e3)],
  ['uS/cm', scale('conductivity', 1)],
  ['mS/cm', scale('conductivity', 1e3)],
  ['m/s', scale('speed', 1)],
  ['km/h', scale('speed', 1 / 3.6)],
  ['mm', scale('length', 1)],
  ['cm', scale('length', 10)],
  ['m', scale('length', 1e3)],
  ['s', scale('time', 1)],
  ['ms', scale('time', 1e-3)],
  ['min', scale('time', 60)],
  ['h', scale('time', 3_600)],
  ['d', scale('time', 86_400)],
  ['kbit/s', scale('bit rate', 1)],
  ['bit/s', scale('bit rate', 1e-3)],
  ['Mbit/s', scale('bit rate', 1e3)],
  ['kg', scale('mass', 1)],
  ['g', scale('mass', 1e-3)],
  ['t', scale('mass', 1e3)],
  ['W/m2', scale('irradiance', 1)],
  ['kW/m2', scale('irradiance', 1e3)],
  ['%', scale('ratio', 1e-2)],
  ['1', scale('ratio', 1)],
]);

/**
 * Converts a raw value into a canonical unit.
 * @returns the value, or null when `from` cannot become `to` (the caller rejects the mapping, never guesses).
 */
export function convert(value: number, from: string, to: UnitName): number | null {
  if (from === to) return value;
  const source = scales.get(from);
  const target = scales.get(to);
  if (source === undefined || target === undefined || source.quantity !== target.quantity) return null;
  return (value * source.factor + source.offset - target.offset) / target.factor;
}

/** Every unit that converts into a canonical one, that one first. */
export function unitsInto(to: UnitName): string[] {
  return [to, ...[...scales.keys()].filter((from) => from !== to && convert(0, from, to) !== null)];
}

/** Spellings that machines use, without case, blanks and dots. */
const spellings: Readonly<Record<string, string>> = {
  '°c': 'degC',
  '℃': 'degC',
  c: 'degC',
  celsius: 'degC',
  '°f': 'degF',
  '℉': 'degF',
  '°': 'deg',
  'm³': 'm3',
  'm³/h': 'm3/h',
  'm³/s': 'm3/s',
  'μg/m³': 'ug/m3',
  'µg/m³': 'ug/m3',
  'mg/m³': 'mg/m3',
  'w/m²': 'W/m2',
  'kw/m²': 'kW/m2',
  'μs/cm': 'uS/cm',
  'µs/cm': 'uS/cm',
  sec: 's',
  hr: 'h',
  'km/hr': 'km/h',
  percent: '%',
  lux: 'lx',
};

/**
 * The unit that a machine means by its own word for it, e.g. `°C`.
 * @returns null when it is none that converts; case counts where it tells two apart (mA is no MA)
 */
export function readUnit(word: string): string | null {
  const tidy = word.replaceAll(/[\s.]/g, '');
  const known = [...new Set([...scales.keys(), ...unitNames])];
  if (known.includes(tidy)) return tidy;
  const lower = tidy.toLowerCase();
  if (Object.hasOwn(spellings, lower)) return spellings[lower] ?? null;
  const alike = known.filter((unit) => unit.toLowerCase() === lower);
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

/** How a unit is written on screen where its canonical spelling is not fit to be read, by language. */
const displays: Readonly<Partial<Record<UnitName, { readonly zh: string; readonly en: string }>>> = {
  m3: { zh: 'm³', en: 'm³' },
  'm3/h': { zh: 'm³/h', en: 'm³/h' },
  degC: { zh: '℃', en: '°C' },
  'ug/m3': { zh: 'μg/m³', en: 'µg/m³' },
  'mg/m3': { zh: 'mg/m³', en: 'mg/m³' },
  deg: { zh: '°', en: '°' },
  pH: { zh: '', en: '' },
  'uS/cm': { zh: 'μS/cm', en: 'µS/cm' },
  px: { zh: '像素', en: 'px' },
  fps: { zh: '帧/秒', en: 'fps' },
  s: { zh: '秒', en: 's' },
  h: { zh: '小时', en: 'h' },
  'W/m2': { zh: 'W/m²', en: 'W/m²' },
  '1': { zh: '', en: '' },
};

/** The unit as shown beside a number; empty for pure numbers and for pH, whose name says it already. */
export function unitDisplay(unit: UnitName, language: 'zh' | 'en'): string {
  return displays[unit]?.[language] ?? unit;
}
