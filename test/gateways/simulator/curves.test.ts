import { describe, expect, test } from 'vitest';
import { createCalendar, hourMs } from '#gateways/simulator/calendar.ts';
import { createCurve, registerReading } from '#gateways/simulator/curves.ts';
import { createWeather } from '#gateways/simulator/weather.ts';

const monday = Date.UTC(2026, 10, 15, 16); // Monday 16 November, midnight in Shanghai

function office(timeZone = 'Asia/Shanghai') {
  const calendar = createCalendar(timeZone);
  return createCurve({ key: 42, profile: 'sockets', peak: 20 }, calendar, createWeather(1, calendar));
}

describe('createCurve()', () => {
  test('keeps the register equal to the integral of the rate', () => {
    const curve = office();
    for (let hour = 0; hour < 48; hour++) {
      const fromMs = monday + hour * hourMs;
      let integral = 0;
      for (let second = 5; second < 3600; second += 10)
        integral += curve.rate(fromMs + second * 1000) * (10 / 3600);
      expect(curve.total(fromMs + hourMs) - curve.total(fromMs)).toBeCloseTo(integral, 2);
    }
  });

  test('does not jump at midnight, nor on a day of 23 or 25 hours', () => {
    const curve = office('Europe/Berlin');
    for (let hour = 0; hour < 24 * 365; hour++) {
      const timeMs = Date.UTC(2026, 0, 1) + hour * hourMs;
      const step = curve.total(timeMs + 1000) - curve.total(timeMs - 1000);
      expect(step).toBeGreaterThan(0);
      expect(step).toBeLessThan((20 * 1.5 * 2) / 3600);
    }
  });

  test('gives the same register bit for bit, in whatever order and process it is asked', () => {
    const times = Array.from({ length: 50 }, (_, index) => monday + index * 7 * hourMs);
    const forwards = office();
    const backwards = office();
    expect(times.map((time) => forwards.total(time))).toEqual(
      times
        .toReversed()
        .map((time) => backwards.total(time))
        .toReversed(),
    );
  });

  test('is busier on a working day than on a Sunday', () => {
    const curve = office();
    const day = (n: number) =>
      curve.total(monday + (n + 1) * 24 * hourMs) - curve.total(monday + n * 24 * hourMs);
    expect(day(0)).toBeGreaterThan(1.5 * day(6));
  });
});

describe('registerReading()', () => {
  test('cuts to the last digit and wraps at the modulus', () => {
    const register = { base: 99.5, resolution: 0.01, modulus: 100 };
    expect(registerReading(0.496, register)).toBe(99.99);
    expect(registerReading(0.5, register)).toBe(0);
    expect(registerReading(1.237, register)).toBe(0.73);
  });
});
