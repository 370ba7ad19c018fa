import { expect, it } from 'vitest';
import { defaultRules } from '#services/alarms/default-rules.ts';
import { deliverDefaultRules } from '#services/alarms/defaults.ts';
import { insertRule } from '#services/alarms/rule-store.ts';
import { loadRule, loadVersions } from '#services/alarms/state-store.ts';
import { createAlarmPark } from './alarm-park.ts';

it('deliverDefaultRules() fills a park once, whoever comes first', async () => {
  await using park = await createAlarmPark();
  const { pool } = park.database;
  const delivered = await Promise.all([1, 2].map(() => deliverDefaultRules(pool)));
  expect(delivered.map(({ inserted }) => inserted).toSorted((a, b) => a - b)).toEqual([
    0,
    defaultRules.length,
  ]);
  expect(delivered.map(({ updated }) => updated)).toEqual([0, 0]);
});

it('deliverDefaultRules() brings new and newer rules to a park that has some, and leaves what people changed', async () => {
  await using park = await createAlarmPark();
  const { pool } = park.database;
  const [untouched, changed, missing] = defaultRules;
  if (untouched === undefined || changed === undefined || missing === undefined)
    throw new Error('no defaults');
  // As an earlier release shipped them: without what later ones say, in the form that was stored then.
  const { id: _id, category: _category, basis: _basis, ...old } = untouched;
  await pool.query(
    `insert into alarm_rule (id, version, author, reason, definition) values ($1, 1, 'system', 'default rule', $2)`,
    [untouched.id, JSON.stringify({ ...old, severity: 'low' })],
  );
  await insertRule(pool, { body: changed, version: 1, author: 'system', reason: 'default rule' });
  const mine = { ...changed, severity: 'low', enabled: false } as const;
  await insertRule(pool, { body: mine, version: 2, author: 'wang', reason: 'not here' });
  const delivered = await deliverDefaultRules(pool);
  expect(delivered).toEqual({ inserted: defaultRules.length - 2, updated: 1 });
  expect(await loadRule(pool, untouched.id)).toMatchObject({ version: 2, author: 'system', body: untouched });
  expect(await loadRule(pool, changed.id)).toMatchObject({ version: 2, author: 'wang', body: mine });
  expect((await loadRule(pool, missing.id))?.body).toEqual(missing);
  expect((await loadVersions(pool, untouched.id)).map(({ reason }) => reason)).toEqual([
    'default rule of a newer release',
    'default rule',
  ]);
  expect(await deliverDefaultRules(pool)).toEqual({ inserted: 0, updated: 0 });
});
