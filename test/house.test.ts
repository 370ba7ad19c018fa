import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configNames } from '#infra/config.ts';
import { errorTable } from '#schemas/errors.ts';
import { readText, root, trackedFiles } from '#test/kit/tree.ts';

/** The house rules, executed. A failing test names the file and the fix. */
const files = trackedFiles().filter((name) => existsSync(`${root}${name}`));
const sources = files.filter((name) => /\.(ts|tsx)$/.test(name));
const houseSources = sources.filter((name) => /^(schemas|infra|gateways|services)\//.test(name));

/** `file:line text` of every line of the files that matches, except in the files allowed. */
function linesMatching(names: readonly string[], pattern: RegExp, allowed: readonly string[] = []): string[] {
  return names
    .filter((name) => !allowed.includes(name))
    .flatMap((name) =>
      readText(name)
        .split('\n')
        .flatMap((line, index) =>
          pattern.test(line) && !/^\s*(\*|\/\/)/.test(line) ? [`${name}:${index + 1} ${line.trim()}`] : [],
        ),
    );
}

describe('imports', () => {
  test('a relative import stays inside its own folder of the house; others are written #folder/…', () => {
    const leaving = sources
      .filter((name) => name.includes('/'))
      .flatMap((name) => {
        const depth = name.split('/').length - 2;
        return linesMatching([name], new RegExp(`from '(\\.\\./){${depth + 1},}`));
      });
    expect(leaving).toEqual([]);
  });
});

describe('time and environment are parameters', () => {
  test('process.env is read only in infra/config.ts', () => {
    expect(linesMatching(houseSources, /process\.env\b/, ['infra/config.ts'])).toEqual([]);
  });

  test('the time is read and timers are set only in infra/clock.ts', () => {
    const clocked = /\b(Date\.now\(|new Date\(\)|performance\.now\(|setTimeout\(|setInterval\()/;
    // The life cycle guards a shutdown with a real timer whatever the clock in use says.
    expect(linesMatching(houseSources, clocked, ['infra/clock.ts', 'infra/lifecycle.ts'])).toEqual([]);
  });
});

describe('the tree', () => {
  test('every test mirrors the file it tests', () => {
    const orphans = files
      .filter((name) => /^test\/(schemas|infra|gateways|services)\/.*\.test\.ts$/.test(name))
      .filter((name) => {
        const path = name.replace(/^test\//, '').replace(/\.test\.ts$/, '');
        return !['.ts', '.mjs', ''].some((end) => existsSync(`${root}${path}${end}`));
      })
      // Files that test a rule over many files, not one file.
      .filter((name) => !name.endsWith('role-matrix.test.ts'));
    expect(orphans, 'name the test after the file it tests').toEqual([]);
  });

  test('migrations are numbered without a gap or a double (variants of one number apart)', () => {
    const ids = files.filter((name) => /^infra\/sql\/\d{4}-/.test(name)).map((name) => name.slice(10, 14));
    expect([...new Set(ids)].map(Number)).toEqual([...new Set(ids)].map((_, index) => index + 1));
  });
});

describe('facts that stand twice are equal', () => {
  test('package.json pins every version exactly', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readText('package.json'),
    ) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('both READMEs list every setting of infra/config.ts and no other', () => {
    for (const name of ['README.md', 'README.zh-CN.md']) {
      const listed = [...readText(name).matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map((match) => match[1]);
      expect(listed.toSorted(), name).toEqual(configNames.toSorted());
    }
  });

  test('both READMEs draw the folders that exist', () => {
    const folders = [...new Set(files.flatMap((name) => (name.includes('/') ? [name.split('/')[0]] : [])))]
      .filter((name) => name !== undefined && !name.startsWith('.'))
      .toSorted();
    for (const name of ['README.md', 'README.zh-CN.md']) {
      const drawn = [...readText(name).matchAll(/^([a-z]+)\/ {2,}\S/gm)].map((match) => match[1]);
      expect(drawn.toSorted(), name).toEqual(folders);
    }
  });

  test('docs/errors.md lists the error table', () => {
    const listed = [...readText('docs/errors.md').matchAll(/^\| `([a-z0-9-]+)` \| (\d+) \|/gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    expect(listed.toSorted()).toEqual(
      Object.entries(errorTable)
        .map(([code, { status }]) => `${code} ${status}`)
        .toSorted(),
    );
  });
});

describe('migrations', () => {
  test('each has a number of its own; those of the two dialects share theirs', () => {
    const names = files
      .filter((name) => /^infra\/sql\/\d{4}-/.test(name))
      .map((name) => name.slice('infra/sql/'.length).replace(/(\.plain|\.timescale)?\.sql$/, ''));
    const byNumber = Map.groupBy(new Set(names), (name) => name.slice(0, 4));
    const shared = [...byNumber.values()].filter((together) => together.length > 1);
    expect(shared).toEqual([]);
  });
});
