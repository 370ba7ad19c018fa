import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deviceClasses } from '#schemas/device-classes/index.ts';
import { citationFault, standards } from '#schemas/standards.ts';
import { root } from '#test/kit/tree.ts';

/** A standard in a text, with its year where it has one. */
const cited =
  /\b(?:GB|HJ|DL|CJ|GA|JGJ|NB|SJ|YD)(?:\/[TZ])? \d+(?:\.\d+)?(?:-\d{4})?|\bCJJ \d+(?:-\d{4})?|\bTSG T\d+(?:-\d{4})?/g;

test('every class cites editions in force', () => {
  const faults = [...deviceClasses.values()].flatMap(({ id, sources }) =>
    sources.flatMap((source) => citationFault(source) ?? []).map((fault) => `${id}: ${fault}`),
  );
  expect(faults).toEqual([]);
});

test('every figure of a default rule, a board and a class cites an edition in force', () => {
  const folders = ['schemas/class-boards', 'schemas/device-classes', 'services/alarms'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(cited)].map(([id]) => ({ file, id })),
  );
  expect(found.length).toBeGreaterThan(40);
  // A name (the national code of a camera) is no citation; everything that has a number behind it is.
  const names = new Set(['GB/T 28181']);
  const faults = found.flatMap(({ file, id }) => {
    const fault = names.has(id) ? null : citationFault(id);
    return fault === null ? [] : [`${file}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test('citationFault() names the edition that replaced the one cited; a protocol is no standard', () => {
  expect(citationFault('GB 17167-2006')).toBe('GB 17167-2006 was replaced by GB 17167-2025');
  expect(citationFault('GB 99999-2020')).toContain('is no edition');
  expect(citationFault('OCPP 1.6')).toBeNull();
  expect(new Set(standards.map(({ id }) => id)).size).toBe(standards.length);
  const replaced = standards.flatMap(({ replaces }) => replaces ?? []);
  expect(replaced.filter((id) => citationFault(id) === null)).toEqual([]);
});
