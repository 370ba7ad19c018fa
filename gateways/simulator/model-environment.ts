import { hourMs } from './calendar.ts';
import { faultAt, swell } from './faults.ts';
import type { EnvironmentGroup, Model } from './plan.ts';
import { profiles, levelAt } from './profiles.ts';
import { digits, mix, noise, textKey } from './random.ts';
import { isWorkday } from './calendar.ts';
import type { ReadingGroup, Values, World } from './world.ts';

const everyMs = 30_000;
/** What a station is expected to deliver; with less its past would not count as watched live. */
const keptEveryMs = 60_000;

/** Stations measure every 30 s; what they share (the dust over the park) comes from the park's seed. */
export function environmentGroups(
  deviceId: string,
  model: Extract<Model, { kind: 'environment' }>,
  world: World,
): ReadingGroup[] {
  const key = world.keyOf(deviceId);
  const readers: Readonly<Record<EnvironmentGroup, (timeMs: number) => Values>> = {
    air: (timeMs) => air(key, timeMs, world),
    weather: (timeMs) => weather(key, timeMs, world),
    noise: (timeMs) => ({ noise_leq: digits(loudness(key, timeMs, { world, base: model.noiseBase }), 1) }),
    indoor: (timeMs) => indoor(key, timeMs, world),
    'water-quality': (timeMs) => waterQuality(key, timeMs, world),
  };
  return [
    {
      everyMs,
      backfillEveryMs: keptEveryMs,
      read: (timeMs) =>
        Object.assign(
          { online: true },
          ...model.measures.map((measure) => readers[measure](timeMs)),
        ) as Values,
    },
  ];
}

/** How busy the park is, 0 to 1. */
function bustle(timeMs: number, world: World): number {
  const { day } = world.calendar.dayOf(timeMs);
  const { workday, restday } = profiles.traffic;
  return levelAt(isWorkday(day) ? workday : restday, world.calendar.hourOf(timeMs) / 24);
}

function air(key: number, timeMs: number, world: World): Values {
  const park = mix(textKey('air'), world.plan.seed);
  const episode = swell(faultAt(park, 'dust-episode', timeMs), timeMs);
  const own = 1 + 0.08 * noise(mix(key, 51), timeMs, 10 * 60_000);
  const dust = (34 * Math.exp(0.75 * noise(park, timeMs, 18 * hourMs)) + 120 * episode) * own;
  const washed = dust / (1 + 0.25 * world.weather.rainMmPerHour(timeMs));
  const light = world.weather.daylightLx(timeMs) / 60_000;
  const fumes = 0.6 + 0.7 * bustle(timeMs, world);
  return {
    pm25: digits(washed, 1),
    pm10: digits(washed * 1.55 + 8, 1),
    o3: digits(Math.max(4, 38 + 95 * light + 10 * noise(mix(park, 2), timeMs, 3 * hourMs)), 1),
    no2: digits(Math.max(3, 34 * fumes + 7 * noise(mix(park, 3), timeMs, 2 * hourMs)), 1),
    so2: digits(6 + 2 * noise(mix(park, 4), timeMs, 6 * hourMs), 1),
    co: digits(0.7 + 0.25 * fumes + 0.12 * noise(mix(park, 5), timeMs, 4 * hourMs), 2),
  };
}

function weather(key: number, timeMs: number, world: World): Values {
  const own = 0.2 * noise(mix(key, 52), timeMs, 20 * 60_000);
  return {
    temperature: digits(world.weather.temperatureDegC(timeMs) + own, 1),
    humidity: digits(world.weather.humidityPercent(timeMs), 0),
    wind_speed: digits(world.weather.windMs(timeMs), 1),
    wind_direction: digits(world.weather.windFromDeg(timeMs), 0) % 360,
    rain: digits(world.weather.rainMmPerHour(timeMs) * (everyMs / hourMs), 1),
  };
}

function loudness(key: number, timeMs: number, options: { world: World; base: number }): number {
  const { world, base } = options;
  return base - 4 + 13 * bustle(timeMs, world) ** 0.5 + 2.2 * noise(mix(key, 53), timeMs, 60_000);
}

function indoor(key: number, timeMs: number, world: World): Values {
  const people = bustle(timeMs, world);
  return {
    co2: digits(430 + 520 * people + 45 * noise(mix(key, 54), timeMs, 25 * 60_000), 0),
    temperature: digits(22.5 + 0.18 * (world.weather.temperatureDegC(timeMs) - 18) + people, 1),
    humidity: digits(52 + 7 * noise(mix(key, 55), timeMs, 5 * hourMs), 0),
    pm25: digits(14 + 6 * noise(mix(key, 56), timeMs, 4 * hourMs), 1),
  };
}

/** The park's outfall: treated waste water, worse during an episode. */
function waterQuality(key: number, timeMs: number, world: World): Values {
  const episode = swell(faultAt(key, 'water-episode', timeMs), timeMs);
  const vary = (part: number, periodH: number) => noise(mix(key, 60 + part), timeMs, periodH * hourMs);
  const waterDegC = 18 + 0.5 * (world.weather.dayMeanDegC(world.calendar.dayOf(timeMs).day) - 16);
  return {
    ph: digits(7.3 + 0.22 * vary(1, 5) - 0.5 * episode, 2),
    cod: digits(38 + 9 * vary(2, 6) + 70 * episode, 1),
    ammonia_nitrogen: digits(3.1 + 1.1 * vary(3, 7) + 6 * episode, 2),
    total_phosphorus: digits(0.29 + 0.09 * vary(4, 8) + 0.3 * episode, 3),
    turbidity: digits(9 + 3 * vary(5, 3) + 22 * episode, 1),
    dissolved_oxygen: digits(6.1 + 0.8 * vary(6, 6) - 2.5 * episode, 2),
    conductivity: digits(620 + 60 * vary(7, 9) + 150 * episode, 0),
    water_temperature: digits(waterDegC + 0.6 * vary(8, 12), 1),
  };
}
