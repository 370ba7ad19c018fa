import { expect, test } from 'vitest';
import { fakeClock } from '#test/kit/clock.ts';
import { readImport } from '#services/registry/import.ts';
import { readImportAside } from '#services/registry/read-aside.ts';

const clock = fakeClock();
const park = {
  spaceParents: new Map([['park', null]]),
  devices: new Map(),
  nowMs: Date.UTC(2026, 0, 5),
};
const yaml = (text: string) => ({ format: 'yaml' as const, bytes: Buffer.from(text) });
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => `  - { id: d${i}, name: x, class: camera, spaceId: park }\n`).join(
    '',
  );

test('readImportAside() reads a large file as readImport() does, and lets the process go on meanwhile', async () => {
  const text = `devices:\n${rows(4_000)}`;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const aside = await readImportAside(yaml(text), park, clock);
  clearInterval(timer);
  expect(aside).toEqual(readImport(text, park));
  expect(ticks).toBeGreaterThan(5);
});

test('readImportAside() tells the faults of a large file with their lines', async () => {
  const aside = await readImportAside(
    yaml(`devices:\n${rows(2_000)}  - { id: d1, name: x, class: toaster }\n`),
    park,
    clock,
  );
  expect(aside).toMatchObject({ ok: false, count: 2, errors: [{ line: 2_002 }, { line: 2_002 }] });
});

test('readImportAside() ends a reading that takes too long, and says so', async () => {
  const reading = readImportAside(yaml(`devices:\n${rows(4_000)}`), park, clock);
  await clock.advance(60_000);
  expect(await reading).toMatchObject({
    ok: false,
    errors: [{ message: 'takes too long to read; split the file' }],
  });
});
