import { hourMs, yearFraction } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { mix, noise, textKey } from './random.ts';

/** The weather over the park: mild, humid, four seasons, as in the Sichuan basin. */
export interface Weather {
  /** Mean of a local date, degC; what heating and cooling follow. */
  dayMeanDegC(day: number): number;
  temperatureDegC(timeMs: number): number;
  humidityPercent(timeMs: number): number;
  windMs(timeMs: number): number;
  windFromDeg(timeMs: number): number;
  /** mm/h; 0 most of the time. */
  rainMmPerHour(timeMs: number): number;
  /** Daylight outdoors, lx. */
  daylightLx(timeMs: number): number;
}

export function createWeather(seed: number, calendar: Calendar): Weather {
  const key = mix(textKey('weather'), seed);
  const part = (n: number) => mix(key, n);
  const [days, hours, wind, direction, rain, cloud] = [part(1), part(2), part(3), part(4), part(5), part(6)];

  const seasonal = (day: number): number => 16.5 - 10.5 * Math.cos(2 * Math.PI * (yearFraction(day) - 0.05));
  const dayMeanDegC = (day: number): number => seasonal(day) + 3.5 * noise(days, day + 0.5, 4);
  const temperatureDegC = (timeMs: number): number => {
    const { day, startMs, endMs } = calendar.dayOf(timeMs);
    const fraction = (timeMs - startMs) / (endMs - startMs);
    const diurnal = 3.8 * Math.cos(2 * Math.PI * (fraction - 15 / 24));
    const mean = seasonal(day) + (seasonal(day + 1) - seasonal(day)) * fraction;
    return mean + 3.5 * noise(days, day + fraction, 4) + diurnal + 0.6 * noise(hours, timeMs, hourMs / 2);
  };
  const rainMmPerHour = (timeMs: number): number =>
    Math.max(0, noise(rain, timeMs, 7 * hourMs) - 0.55) * 14 * (1 + 0.5 * noise(rain, timeMs, 600_000));
  return {
    dayMeanDegC,
    temperatureDegC,
    rainMmPerHour,
    humidityPercent: (timeMs) => {
      const warmth = temperatureDegC(timeMs) - dayMeanDegC(calendar.dayOf(timeMs).day);
      const wet = rainMmPerHour(timeMs) > 0 ? 14 : 0;
      return Math.min(99, Math.max(25, 74 - 3.2 * warmth + wet + 6 * noise(hours, timeMs, 5 * hourMs)));
    },
    windMs: (timeMs) =>
      Math.max(0, 1.6 + 1.3 * noise(wind, timeMs, 3 * hourMs) + 0.7 * noise(wind, timeMs, 90_000)),
    windFromDeg: (timeMs) => {
      const turned = 40 + 130 * noise(direction, timeMs, 9 * hourMs) + 18 * noise(direction, timeMs, 120_000);
      return ((turned % 360) + 360) % 360;
    },
    daylightLx: (timeMs) => {
      const height = Math.sin((Math.PI * (calendar.hourOf(timeMs) - 6.5)) / 12);
      return Math.max(0, height) * 62_000 * (0.65 + 0.35 * noise(cloud, timeMs, 2 * hourMs));
    },
  };
}
