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

  test('is about 5,000 devices in 16 copies, each with its own ids, spaces, boxes and meters behind meters', () => {
    const { spaces, devices } = planPark(7, 16);
    expect(devices.length).toBeGreaterThan(5_000);
    const ids = new Set(devices.map(({ id }) => id));
    const places = new Set(spaces.map(({ id }) => id));
    expect(ids.size).toBe(devices.length);
    expect(places.size).toBe(spaces.length);
    const lost = devices.flatMap(({ spaceId, box, attributes, model }) => [
      ...(places.has(spaceId) ? [] : [spaceId]),
      ...[box, attributes['recorderId'], attributes['parentMeterId']].filter(
        (id) => id !== null && id !== undefined && !ids.has(String(id)),
      ),
      ...('metered' in model && 'sumOf' in model.metered
        ? model.metered.sumOf.filter((id) => !ids.has(id))
        : []),
    ]);
    expect(lost).toEqual([]);
    expect(spaces.filter(({ parentId }) => parentId != null && !places.has(parentId))).toEqual([]);
    expect(spaces.filter(({ parentId }) => parentId == null)).toHaveLength(1);
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
