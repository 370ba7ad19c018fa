import { describe, expect, test } from 'vitest';
import { planPark, simulatedPark } from '#gateways/simulator/park.ts';
import { importDocumentSchema } from '#schemas/api/registry.ts';
import { deviceClasses } from '#schemas/device-classes/index.ts';

const commissionedAt = '2026-11-01T00:00:00Z';

describe('simulatedPark()', () => {
  test('is a valid import document whose parents, spaces and classes exist', () => {
    const park = importDocumentSchema.parse(simulatedPark({ seed: 7, commissionedAt }));
    const spaces = new Set(park.spaces.map(({ id }) => id));
    const unknownSpaces = [
      ...park.spaces.filter(({ parentId }) => parentId !== null && !spaces.has(parentId)),
      ...park.devices.filter(({ spaceId }) => spaceId === null || !spaces.has(spaceId)),
    ];
    expect(unknownSpaces).toEqual([]);
    expect(new Set(park.devices.map(({ id }) => id)).size).toBe(park.devices.length);
    expect(park.devices.filter((device) => !deviceClasses.has(device.class))).toEqual([]);
    expect(new Set(park.devices.map(({ provenance }) => provenance))).toEqual(new Set(['simulated']));
    const planned = new Set(planPark(7).devices.map(({ id }) => id));
    const remembered = park.devices.filter(({ id }) => planned.has(id));
    expect(new Set([...park.spaces, ...remembered].map(({ validFrom }) => validFrom))).toEqual(
      new Set([commissionedAt]),
    );
    expect(park.devices.filter(({ id }) => !planned.has(id)).map(({ validFrom }) => validFrom)).toEqual(
      Array.from({ length: 11 }),
    );
  });

  test('names only attributes that the device class knows', () => {
    const strange = planPark(7).devices.flatMap((device) => {
      const known = deviceClasses.get(device.class)?.attributes ?? {};
      return Object.keys(device.attributes).flatMap((name) =>
        name in known ? [] : [`${device.id} ${name}`],
      );
    });
    expect(strange).toEqual([]);
  });

  test('has about 330 devices of the core classes and a few others', () => {
    const counts = new Map<string, number>();
    for (const device of planPark(7).devices) counts.set(device.class, (counts.get(device.class) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toMatchObject({
      'energy-meter': 90,
      'water-meter': 30,
      'gas-meter': 12,
      camera: 80,
      recorder: 3,
      elevator: 12,
      'environment-station': 8,
      'access-door': 40,
    });
  });

  test('gives the same park for the same seed and another one for another', () => {
    const park = (seed: number) => JSON.stringify(simulatedPark({ seed, commissionedAt }));
    expect(park(7)).toBe(park(7));
    const retention = (seed: number) => planPark(seed).devices.map(({ model }) => model);
    expect(retention(7)).not.toEqual(retention(8));
  });

  test('lets a few cameras fall short of 30 days of recording', () => {
    const days = planPark(7).devices.flatMap(({ model }) =>
      model.kind === 'camera' ? [model.retentionDays] : [],
    );
    expect(days.filter((day) => day < 30)).toEqual([12, 12, 12]);
  });
});
