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
  'kg',
  'lx',
  'dBm',
  '1',
] as const;
export type UnitName = (typeof unitNames)[number];

/** canonical = raw * factor + offset */
interface Conversion {
  readonly to: UnitName;
  readonly factor: number;
  readonly offset: number;
}

const conversions: Readonly<Record<string, Conversion>> = {
  W: { to: 'kW', factor: 1e-3, offset: 0 },
  MW: { to: 'kW', factor: 1e3, offset: 0 },
  Wh: { to: 'kWh', factor: 1e-3, offset: 0 },
  MWh: { to: 'kWh', factor: 1e3, offset: 0 },
  var: { to: 'kvar', factor: 1e-3, offset: 0 },
  VA: { to: 'kVA', factor: 1e-3, offset: 0 },
  mV: { to: 'V', factor: 1e-3, offset: 0 },
  kV: { to: 'V', factor: 1e3, offset: 0 },
  mA: { to: 'A', factor: 1e-3, offset: 0 },
  L: { to: 'm3', factor: 1e-3, offset: 0 },
  'L/h': { to: 'm3/h', factor: 1e-3, offset: 0 },
  'L/s': { to: 'm3/h', factor: 3.6, offset: 0 },
  kPa: { to: 'MPa', factor: 1e-3, offset: 0 },
  bar: { to: 'MPa', factor: 0.1, offset: 0 },
  degF: { to: 'degC', factor: 5 / 9, offset: -160 / 9 },
  K: { to: 'degC', factor: 1, offset: -273.15 },
  'km/h': { to: 'm/s', factor: 1 / 3.6, offset: 0 },
  ms: { to: 's', factor: 1e-3, offset: 0 },
  min: { to: 's', factor: 60, offset: 0 },
  'Mbit/s': { to: 'kbit/s', factor: 1e3, offset: 0 },
};

/**
 * Converts a raw value into a canonical unit.
 * @returns the value, or null when `from` cannot become `to` (the caller rejects the mapping, never guesses).
 */
export function convert(value: number, from: string, to: UnitName): number | null {
  if (from === to) return value;
  const conversion = conversions[from];
  return conversion === undefined || conversion.to !== to
    ? null
    : value * conversion.factor + conversion.offset;
}
