import { provenances } from '#schemas/reading.ts';
import type { Chance } from '#test/simulation/sim.ts';

/** Facts of devices and places of a park that never was: see random-facts.ts. */
export const dayMs = 86_400_000;
export const startMs = Date.parse('2026-01-02T16:00:00.000Z');
export const iso = (ms: number) => new Date(ms).toISOString();
export const local = (ms: number) => iso(ms + 8 * 3_600_000).slice(0, 10);
const count = 12;
export const endMs = startMs + count * dayMs;
export const lastDay = local(endMs - 1);

export const base = (measure: string) => ({
  measure,
  version: 1,
  from: iso(startMs),
  to: iso(endMs),
  asOf: iso(endMs + dayMs),
  timeZone: 'Asia/Shanghai',
});

export const someOf = <T>(chance: Chance, items: readonly T[], probability: number) =>
  items.filter(() => chance.hits(probability));
export const upTo = (chance: Chance, most: number) =>
  Array.from({ length: chance.between(0, most) }, (_, n) => n);
export const words = { zh: '理由', en: 'a reason' };

export function randomDays(chance: Chance) {
  const blindness = chance.pick([0, 0, 0.05, 0.2]);
  return Array.from({ length: chance.hits(0.05) ? 0 : count }, (_, n) => ({
    day: local(startMs + n * dayMs),
    from: iso(startMs + n * dayMs),
    to: iso(startMs + (n + 1) * dayMs),
    watched: !chance.hits(blindness),
  }));
}

/** One character a day, mostly one kind. */
const marks = (chance: Chance, days: number) => {
  const share = chance.pick([0, 0.9, 0.97, 1, 1]);
  return Array.from({ length: days }, () => (chance.hits(share) ? '1' : '0')).join('');
};

function service(chance: Chance) {
  const hours = chance.between(-40 * 24, 14 * 24);
  const first = chance.hits(0.6) ? startMs - 400 * dayMs : startMs + hours * 3_600_000;
  const end = chance.hits(0.7) ? null : first + chance.between(1, 60) * 7 * 3_600_000;
  const again = end === null || chance.hits(0.5) ? [] : [{ from: iso(end + 2 * dayMs), to: null }];
  return [{ from: iso(first), to: end === null ? null : iso(end) }, ...again];
}

export function randomDevice(chance: Chance, deviceId: string) {
  return {
    deviceId,
    name: chance.pick(['表', '=1+1', 'a, "b"']),
    class: 'device',
    provenance: chance.pick([...provenances] as ['field', ...string[]]),
    service: service(chance),
    exclusion: chance.hits(0.1) ? words : null,
    heldS: chance.hits(0.2) ? 3_600 : 0,
  };
}

const recently = (chance: Chance) => iso(endMs - chance.between(0, 26) * 3_600_000);

export function remoteMetering(chance: Chance) {
  const days = randomDays(chance);
  const meters = upTo(chance, 20).map((n) => ({
    ...randomDevice(chance, `meter-${n}`),
    medium: chance.pick(['water', 'electricity', 'gas']),
    point: `meter-${n}.volume`,
    received: marks(chance, days.length),
    firstReading: chance.hits(0.8) ? iso(startMs) : null,
  }));
  return { ...base('remote-metering'), days, meters };
}

function cameras(chance: Chance) {
  const known = chance.pick([0.5, 0.97, 1]);
  return upTo(chance, 30).map((n) => {
    const device = randomDevice(chance, `cam-${n}`);
    const time = chance.hits(known) ? iso(endMs - chance.between(0, 20) * 3_600_000) : recently(chance);
    return { ...device, point: `cam-${n}.x`, time, isKnown: chance.hits(known) };
  });
}

export const videoRetention = (chance: Chance) => ({
  ...base('video-retention'),
  cameras: cameras(chance).map(({ time, isKnown, ...camera }) => ({
    ...camera,
    reading: isKnown ? { time, ageS: chance.between(1, 40 * 24) * 3_599.5 } : null,
  })),
});

export const videoQuality = (chance: Chance) => ({
  ...base('video-quality'),
  cameras: cameras(chance).map(({ time, isKnown, ...camera }) => {
    const [widthPx, heightPx] = chance.pick([
      [1_920, 1_080],
      [720, 1_280],
      [704, 480],
      [640, 480],
    ]);
    return { ...camera, picture: isKnown ? { time, widthPx, heightPx } : null };
  }),
});

const media = ['air', 'water-quality', 'noise'] as const;

export function environmentMonitoring(chance: Chance) {
  const days = randomDays(chance);
  const stations = upTo(chance, 3).map((n) => ({
    ...randomDevice(chance, `env-${n}`),
    points: upTo(chance, 4).map((index) => {
      const full = chance.pick([0, 0.8, 0.96, 1, 1]);
      const expectedIntervalS = chance.pick([60, 300, 7]);
      return {
        point: `env-${n}.m${index}`,
        medium: chance.pick([...media]),
        expectedIntervalS,
        firstReading: iso(startMs + chance.between(-10, 3) * 3_600_000),
        good: days.map(() => Math.round((full * 86_400) / expectedIntervalS) + chance.between(0, 2)),
      };
    }),
  }));
  const publications = someOf(chance, media, 0.8).map((medium) => ({
    medium,
    servings: chance.between(0, 2),
    first: iso(startMs),
    last: iso(endMs),
  }));
  return { ...base('environment-monitoring'), days, stations, publications };
}

export const live = (chance: Chance, deviceId: string, days: number) => ({
  deviceId,
  point: `${deviceId}.x`,
  marks: marks(chance, days),
  since: chance.hits(0.2) ? iso(startMs + chance.between(0, 300) * 3_600_000) : null,
});

export function spacesOf(chance: Chance, deviceIds: readonly string[]) {
  return upTo(chance, 5).map((n) => ({
    spaceId: `space-${n}`,
    name: `处 ${n}`,
    deviceIds: someOf(chance, deviceIds, 0.6),
  }));
}

export function spaceCoverage(chance: Chance) {
  const days = randomDays(chance);
  const devices = upTo(chance, 6).map((n) => randomDevice(chance, `d-${n}`));
  const ids = devices.map(({ deviceId }) => deviceId);
  return {
    ...base('space-coverage'),
    days,
    devices,
    live: ids.map((id) => live(chance, id, days.length)),
    spaces: spacesOf(chance, ids),
  };
}

export const registry = (chance: Chance) => ({
  ...base('registry'),
  entries: upTo(chance, 6).map((n) => {
    const { deviceId: id, name, class: kind, provenance, exclusion } = randomDevice(chance, `d-${n}`);
    return { id, name, class: kind, provenance, exclusion, has: chance.hits(0.7) ? 'x' : null };
  }),
});
