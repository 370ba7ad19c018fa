import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itemsAt, parseMappingPath, valueAt } from '#schemas/mapping-path.ts';

const payload = {
  a: { b: [{ c: 7 }, { c: 8 }], 'switch:0': { on: true }, 'x.y': 1 },
  list: [[1, 2], [3]],
};

function at(text: string, item: unknown = payload): unknown {
  const path = parseMappingPath(text);
  return path === null ? 'no path' : valueAt(path, { root: payload, item });
}

function all(text: string): unknown {
  const path = parseMappingPath(text);
  return path === null ? 'no path' : itemsAt(path, payload, 10);
}

describe('parseMappingPath() and valueAt()', () => {
  test.each([
    ['a.b[0].c', 7],
    ['a["b"][1].c', 8],
    ['a.switch:0.on', true],
    ['a["x.y"]', 1],
    ['list[0][1]', 2],
    ['.', payload],
    ['$.a.b[1].c', 8],
    ['a.b[2].c', undefined],
    ['a.b.c', undefined],
    ['a.constructor', undefined],
    ['list.length', undefined],
  ])('%s names what stands there', (text, expected) => {
    expect(at(text)).toEqual(expected);
  });

  test('a path begins at the item, and with $ at the whole payload', () => {
    expect(at('c', { c: 1 })).toBe(1);
    expect(at('$.list[1][0]', { c: 1 })).toBe(3);
  });

  test.each(['', '.a', 'a.', 'a..b', 'a[', 'a[x]', 'a[""]', '$a', 'a b[', 'a["b"]c', '[0]c', '*a'])(
    '%s is no path',
    (text) => {
      expect(parseMappingPath(text)).toBeNull();
    },
  );

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, json) => {
        const path = parseMappingPath(text);
        if (path !== null) valueAt(path, { root: json, item: json });
      }),
    );
  });
});

describe('itemsAt()', () => {
  test('* stands for each member and [*] for each element, with key and index', () => {
    expect(all('a.b[*].c')).toEqual([
      { value: 7, key: null, index: 0 },
      { value: 8, key: null, index: 1 },
    ]);
    expect(all('*[0]')).toEqual([{ value: [1, 2], key: 'list', index: null }]);
    expect(all('list[*][*]')).toMatchObject([{ value: 1 }, { value: 2 }, { value: 3 }]);
    expect(all('nothing[*]')).toEqual([]);
  });

  test('is null where there are more than are allowed', () => {
    const path = parseMappingPath('[*]');
    expect(path && itemsAt(path, [1, 2, 3], 2)).toBeNull();
  });
});
