import { expect, test } from 'vitest';
import { maskPersonalData, maskPersonalText } from '#schemas/personal.ts';
import { computedMs } from '#test/kit/cpu.ts';

test('maskPersonalData() leaves of personal values what tells two apart, at any depth, and everything else', () => {
  const data = {
    direction: 'in',
    credential: 'SIM-01292',
    card_number: 10_203_040,
    visitor: { name: 'Ann', company: 'X' },
    cars: [{ licensePlate: '川A12345', lane: 2 }],
    plate: 'A1',
    person: null,
  };
  expect(maskPersonalData(data)).toEqual({
    direction: 'in',
    credential: '***92',
    card_number: '***40',
    visitor: '***',
    cars: [{ licensePlate: '***45', lane: 2 }],
    plate: '***',
    person: null,
  });
});

test.each([
  [
    '{"data":{"credential":"SIM-01292","direction":"in"}}',
    '{"data":{"credential":"***92","direction":"in"}}',
  ],
  ['{"Card_Number" : 10203040, "a":1}', '{"Card_Number" : ***40, "a":1}'],
  ['{"plate":"a\\"bcdefgh","b":2', '{"plate":"***gh","b":2'],
  ['{"plate":"川A12', '{"plate":"***'],
  ['{"plate":"A,B}C]DEFG","b":2}', '{"plate":"***FG","b":2}'],
  ['{"a":1,"visitor":{"name":"Ann"},"b":1}', '{"a":1,"visitor":***'],
  ['{"direction":"in"}', '{"direction":"in"}'],
])('maskPersonalText() makes of %s %s', (text, expected) => {
  expect(maskPersonalText(text)).toBe(expected);
});

test('maskPersonalText() needs no longer for text that was made to be hard', () => {
  const started = computedMs();
  maskPersonalText(`"card":${'\\'.repeat(200_000)}`);
  maskPersonalText(`"card"${' '.repeat(200_000)}x`);
  maskPersonalText('"card": "'.repeat(20_000));
  expect(computedMs() - started).toBeLessThan(500);
});
