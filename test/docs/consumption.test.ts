import { describe, expect, test } from 'vitest';
import { consumptionIn } from '#services/consumption/intervals.ts';
import { intervalFlags } from '#services/consumption/parts.ts';
import { stepKinds, type CounterFacts, type RegisterSample } from '#services/consumption/judge.ts';
import { unroll, type CounterContext, type Decision } from '#services/consumption/unroll.ts';
import { readText } from '#test/kit/tree.ts';

/** docs/consumption.md: what it says is what the program computes. */
const text = readText('docs/consumption.md');

/** The rows of the table whose header begins with these words, without header and rule. */
function table(part: string, ...header: string[]): string[][] {
  const lines = part.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${header.join(' | ')} |`));
  if (start < 0) return [];
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? undefined : end).map((line) => {
    const cells = line.split('|').slice(1, -1);
    return cells.map((cell) => cell.trim());
  });
}

const minuteUs = 60_000_000;
const usOf = (clock = '') => {
  const [hour = Number.NaN, minute = Number.NaN] = clock.split(':').map(Number);
  return (hour * 60 + minute) * minuteUs;
};

function factsOf(part: string): CounterFacts {
  const said =
    /Resolution ([\d.]+), (no modulus|modulus \d+), (no largest rate|largest rate \d+ an hour)\./.exec(
      part.replaceAll('\n', ' '),
    );
  const number = (words = '') => (words.startsWith('no ') ? null : Number(/\d+/.exec(words)?.[0]));
  return {
    resolution: Number(said?.[1]),
    modulus: number(said?.[2]),
    maxRatePerH: number(said?.[3]),
    expectedIntervalUs: minuteUs,
  };
}

function contextOf(part: string): CounterContext {
  const replacements = table(part, 'replaced at', 'closing', 'opening').map(([at, closing, opening]) => ({
    timeUs: usOf(at),
    closing: Number(closing),
    opening: Number(opening),
  }));
  const decisions = table(part, 'decision', 'from', 'to').map(([, from, to]): Decision => ({
    kind: 'accept',
    fromUs: usOf(from),
    toUs: usOf(to),
  }));
  return { facts: factsOf(part), replacements, decisions };
}

const examples = text
  .slice(text.indexOf('## Examples'), text.indexOf('## Asking for it'))
  .split('\n### ')
  .slice(1)
  .map((part) => ({ title: part.slice(0, part.indexOf('\n')), part }));

describe('docs/consumption.md', () => {
  test('has an example of every kind of step', () => {
    const shown = examples.flatMap(({ part }) => table(part, 'step to', 'kind').map(([, kind]) => kind));
    expect([...new Set(shown)].toSorted()).toEqual(stepKinds.toSorted());
  });

  test('names every kind of step and every flag', () => {
    const named = (column: string) => table(text, column).map(([name]) => name?.replaceAll('`', ''));
    expect(named('kind | when').toSorted()).toEqual(stepKinds.toSorted());
    expect(named('flag')).toEqual([...intervalFlags]);
  });

  test.each(examples)('computes what it says: $title', ({ part }) => {
    const samples = table(part, 'time', 'register', 'quality').map(
      ([time, register, quality]): RegisterSample => ({
        timeUs: usOf(time),
        value: Number(register),
        quality: quality === 'good' ? 0 : 1,
      }),
    );
    const context = contextOf(part);
    const line = unroll(samples, context);
    const steps = table(part, 'step to', 'kind', 'counted');
    if (steps.length > 0) {
      expect(steps).toHaveLength(line.steps.length);
      steps.forEach(([to, kind, counted], at) => {
        expect([line.marks[at + 1]?.timeUs, line.steps[at]?.kind]).toEqual([usOf(to), kind]);
        expect(line.steps[at]?.counted).toBeCloseTo(Number(counted), 9);
      });
    }
    const rows = table(part, 'from', 'to', 'consumption');
    expect(rows.length).toBeGreaterThan(0);
    for (const [from, to, consumption, coverage, flags] of rows) {
      const [found] = consumptionIn(line, [{ fromUs: usOf(from), toUs: usOf(to) }], context.facts);
      if (consumption === 'none') expect(found?.value).toBeNull();
      else expect(found?.value).toBeCloseTo(Number(consumption), 9);
      expect(`${Number(((found?.coverage ?? 0) * 100).toFixed(2))} %`).toBe(coverage);
      expect(found?.flags.join(', ')).toBe(flags);
    }
  });
});
