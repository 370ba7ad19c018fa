import { expect, test } from 'vitest';
import type { Database } from '#infra/postgres.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { assess, toAssessment } from '#services/assessment/assess.ts';
import { assessEach } from '#services/assessment/assess-each.ts';
import { assessedPeriod, insertAssessedPark } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

/** The database, with everything that a transaction asks of it written down as text and parameters. */
function listening(db: Database, questions: string[]): Database {
  const connect = async () => {
    const client = await db.connect();
    return new Proxy(client, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (name === 'query') questions.push(JSON.stringify(args));
          return Reflect.apply(member, target, args);
        };
      },
    });
  };
  return new Proxy(db, {
    get: (target, name) => (name === 'connect' ? connect : (Reflect.get(target, name) as unknown)),
  });
}

const twiceIn = (questions: readonly string[]) =>
  questions.filter((question, index) => questions.indexOf(question) !== index);

test('assessEach() finds what each rubric finds alone, and asks nothing again', async () => {
  await using database = await createTestDatabase();
  const db = database.pool;
  await insertAssessedPark(db);
  const request = {
    fromMs: Date.parse(assessedPeriod.from),
    toMs: Date.parse(assessedPeriod.to),
    asOfMs: fakeClock().nowMs(),
    timeZone: 'Asia/Shanghai',
  };
  const rubrics = [...scoredRubrics.values()];
  const together: unknown[] = [];
  const questions: string[] = [];
  await assessEach(listening(db, questions), { ...request, rubrics }, async (run) => {
    together.push(toAssessment(run, new Map()));
  });
  const alone = await Promise.all(
    rubrics.map(async (rubric) => toAssessment(await assess(db, { ...request, rubric }), new Map())),
  );
  expect(together).toEqual(alone);
  // What one rubric asks twice by itself (which days are folded, at different places) is all that comes twice.
  const own: string[] = [];
  await assessEach(listening(db, own), { ...request, rubrics: rubrics.slice(0, 1) }, async () => undefined);
  expect(twiceIn(questions)).toEqual(twiceIn(own));
  expect(twiceIn(own).length).toBeLessThan(6);
  // Four rubrics of 277 items ask for less than the first one of 70 does: most of it was known.
  expect(questions.length - own.length).toBeLessThan(1.2 * own.length);
});
