import { describe, expect, test } from 'vitest';
import { loadDeviceId, loadPark, loadValues } from '#gateways/simulator/load.ts';
import { importDocumentSchema } from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';

describe('loadValues()', () => {
  test('are metrics of an energy meter, plausible, and a register that advances with the power', () => {
    const metrics = deviceClasses.get('energy-meter')?.metrics ?? {};
    const now = Date.UTC(2026, 10, 13);
    for (const [metric, value] of Object.entries(loadValues(3, now))) {
      expect(metrics[metric], metric).toBeDefined();
      expect(value).toBeGreaterThanOrEqual(metrics[metric]?.min ?? -Infinity);
      expect(value).toBeLessThanOrEqual(metrics[metric]?.max ?? Infinity);
    }
    const register = (timeMs: number) => loadValues(3, timeMs)['active_energy_import'] ?? 0;
    const power = loadValues(3, now)['active_power'] ?? 0;
    expect(register(now + 3_600_000) - register(now)).toBeCloseTo(power, -1);
  });
});

describe('loadPark()', () => {
  test('imports the devices that the load speaks as', () => {
    const { devices } = importDocumentSchema.parse(loadPark(12));
    expect(devices.map(({ id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, index) => loadDeviceId(index)),
    );
  });
});
