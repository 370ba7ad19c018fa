import { describe, expect, it } from 'vitest';
import { openYaml } from '#infra/yaml-text.ts';
import { defaultRules } from '#services/alarms/default-rules.ts';
import { importRules, ruleFileLimits, writeRuleFile } from '#services/alarms/rule-file.ts';
import { loadRules, loadVersions } from '#services/alarms/state-store.ts';
import { createAlarmPark } from './alarm-park.ts';

const by = { actor: 'wang', reason: 'from the other park' };

describe('importRules()', () => {
  it('reads what the export wrote, in both forms, and finds no difference then', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    for (const format of ['yaml', 'json'] as const) {
      const answer = await importRules(
        deps,
        { text: writeRuleFile(defaultRules, format), dryRun: false },
        by,
      );
      const isFirst = format === 'yaml';
      expect([answer.created.length, answer.changed, answer.unchanged]).toEqual(
        isFirst ? [defaultRules.length, [], 0] : [0, [], defaultRules.length],
      );
    }
    const stored = (await loadRules(pool)).map(({ body }) => body);
    expect(stored).toEqual(defaultRules.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  });

  it('tells with a dry run what would change, field by field, and writes nothing', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    await park.addRule({});
    const [known] = (await loadRules(pool)).map(({ body }) => body);
    if (known === undefined) throw new Error('no rule');
    const text = writeRuleFile(
      [
        { ...known, severity: 'low', team: 'power' },
        { ...known, id: 'second' },
      ],
      'yaml',
    );
    const tried = await importRules(deps, { text, dryRun: true }, by);
    expect(tried).toEqual({
      dryRun: true,
      created: ['second'],
      changed: [
        {
          id: 'voltage-high',
          fields: [
            { field: 'severity', from: 'high', to: 'low' },
            { field: 'team', from: '', to: 'power' },
          ],
        },
      ],
      unchanged: 0,
    });
    expect(await loadRules(pool)).toHaveLength(1);
    await importRules(deps, { text, dryRun: false }, by);
    expect(
      (await loadVersions(pool, 'voltage-high')).map(({ author, reason }) => `${author}: ${reason}`),
    ).toEqual(['wang: from the other park', 'wang: test']);
  });

  it('names line and column of every fault, and then takes nothing', async () => {
    await using park = await createAlarmPark();
    const { pool } = park.database;
    const deps = { db: pool, bus: park.bus, clock: park.clock };
    const refusal = async (text: string) => {
      const error = await importRules(deps, { text, dryRun: false }, by).then(
        () => null,
        (reason: unknown) =>
          reason as { code: string; errors: { line: number; column: number; message: string }[] },
      );
      expect(await loadRules(pool)).toEqual([]);
      return error?.errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
    };
    const rule = (id: string, target: string, condition: string) =>
      `- id: ${id}\n  name: x\n  severity: high\n  target: ${target}\n  condition: ${condition}\n`;
    const high = '{kind: limit, side: high, limit: 240}';
    expect(await refusal('rules:\n- id: [')).toHaveLength(1);
    expect(
      await refusal(
        `rules:\n${rule('a', '{point: em-1.voltage_l1}', '{kind: limit, side: up, limit: 240}')}`,
      ),
    ).toEqual([expect.stringMatching(/^6:34 /)]);
    expect(await refusal(`rules:\n${rule('a', '{point: em-9.voltage_l1}', high)}`)).toEqual([
      '5:19 there is no point em-9.voltage_l1',
    ]);
    expect(
      await refusal(`rules:\n${rule('a', '{device: em-1, metric: voltage_l1}', high).repeat(2)}`),
    ).toEqual(['7:7 the rule a stands twice in the file']);
    const meters = '{deviceClass: energy-meter, metric: voltage_l1}';
    const contradicting =
      rule('a', meters, high) + rule('b', meters, '{kind: limit, side: high-high, limit: 230}');
    expect(await refusal(`rules:\n${contradicting}`)).toEqual([
      '6:47 the high limit 240 contradicts the high-high limit 230 of rule b',
      '11:52 the high-high limit 230 contradicts the high limit 240 of rule a',
    ]);
  });
});

it('writeRuleFile() writes YAML and JSON that say the same', () => {
  const opened = openYaml(writeRuleFile(defaultRules, 'yaml'), ruleFileLimits);
  const plain = opened.ok ? opened.document.toPlain() : undefined;
  expect(plain).toEqual({ ok: true, value: JSON.parse(writeRuleFile(defaultRules, 'json')) as unknown });
});
