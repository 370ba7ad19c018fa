import { expect, test } from 'vitest';
import { palettes, severityOrder } from '#dashboards/app/theme.ts';
import { severities } from '#schemas/device-class.ts';

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

test('every word stands at 4.5:1 and every shape at 3:1 on the surfaces of its mode', () => {
  for (const [mode, palette] of Object.entries(palettes)) {
    for (const surface of [palette.page, palette.surface, palette.raised]) {
      const words = {
        text: palette.text,
        soft: palette.textSoft,
        action: palette.action,
        uncertain: palette.uncertain,
      };
      for (const [name, colour] of Object.entries({ ...words, ...palette.severity })) {
        expect(contrast(colour, surface), `${mode} ${name} on ${surface}`).toBeGreaterThanOrEqual(4.5);
      }
      for (const [name, colour] of Object.entries(palette.shape)) {
        expect(contrast(colour, surface), `${mode} shape ${name} on ${surface}`).toBeGreaterThanOrEqual(3);
      }
    }
  }
});

test('severityOrder is every severity, highest first', () => {
  expect(severityOrder).toEqual(severities);
});
