import { stringify } from 'yaml';
import type { z } from 'zod';
import { openYaml, type YamlDocument } from '#infra/yaml-text.ts';
import type { AlarmRuleBody } from '#schemas/alarm.ts';
import { contradictedLimits } from '#schemas/alarm-problems.ts';
import { ruleFileSchema, type AlarmRuleImport } from '#schemas/api/alarm-rules.ts';
import { ParkError, type FieldError } from '#schemas/errors.ts';
import { parseOptions, toFieldFaults, toPointer } from '#schemas/field-errors.ts';
import { transaction, type Queryable } from '#infra/postgres.ts';
import { findProblems } from './rule-check.ts';
import { differingFields } from './rule-difference.ts';
import { lockRules } from './rule-store.ts';
import { writeVersion, type AlarmDeps, type RuleAuthor } from './service.ts';
import { loadRules, type RuleVersion } from './state-store.ts';

export const ruleFileLimits = {
  bytes: 5 * 1024 * 1024,
  nesting: 32,
  tokens: 2_400_000,
  aliases: 50_000,
} as const;
/** More faults than these are not listed. */
const listedErrors = 1_000;

/** Rules as a file that import reads again. */
export function writeRuleFile(rules: readonly AlarmRuleBody[], format: 'yaml' | 'json'): string {
  const content = { rules };
  return format === 'json' ? `${JSON.stringify(content, null, 2)}\n` : stringify(content, { lineWidth: 110 });
}

interface ReadFile {
  readonly rules: readonly AlarmRuleBody[];
  readonly document: YamlDocument;
}

/** @throws ParkError invalid-import, with line and column of every fault */
function readRuleFile(text: string): ReadFile {
  const opened = openYaml(text, ruleFileLimits);
  if (!opened.ok) throw refused(opened.faults.map((fault) => ({ path: '', ...fault })));
  const { document } = opened;
  const plain = document.toPlain();
  if (!plain.ok) throw refused([{ path: '', message: plain.message, line: 1, column: 1 }]);
  const parsed = ruleFileSchema.safeParse(plain.value, parseOptions);
  if (!parsed.success) throw refused(faultsOf(document, parsed.error));
  const seen = new Set<string>();
  const doubles = parsed.data.rules.flatMap(({ id }, i) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [faultAt(document, ['rules', i, 'id'], `the rule ${id} stands twice in the file`)];
  });
  if (doubles.length > 0) throw refused(doubles);
  return { rules: parsed.data.rules, document };
}

function faultsOf(document: YamlDocument, error: z.ZodError): FieldError[] {
  return toFieldFaults(error).map(({ segments, message, unknownField }) => ({
    path: toPointer(segments),
    message,
    ...document.placeOf(segments, unknownField),
  }));
}

function faultAt(document: YamlDocument, path: readonly (string | number)[], message: string): FieldError {
  return { path: toPointer(path), message, ...document.placeOf(path) };
}

function refused(faults: readonly FieldError[]): ParkError {
  const inOrder = faults.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const [first] = inOrder;
  const where = first?.line === undefined ? '' : `line ${first.line}: `;
  return new ParkError('invalid-import', `${where}${first?.message ?? ''}`, inOrder.slice(0, listedErrors));
}

/**
 * Takes rules from a file: creates those that there are not, writes a new version of those that differ, leaves the
 * others and everything that is not named.
 * @throws ParkError invalid-import
 */
export async function importRules(
  deps: AlarmDeps,
  { text, dryRun }: { readonly text: string; readonly dryRun: boolean },
  by: RuleAuthor,
): Promise<AlarmRuleImport> {
  const file = readRuleFile(text);
  const answer = await transaction(deps.db, async (client) => {
    if (!dryRun) await lockRules(client);
    const current = new Map((await loadRules(client)).map((rule) => [rule.body.id, rule]));
    await checkFile(client, file, current);
    const difference = compare(file.rules, current);
    if (dryRun) return { dryRun, ...difference };
    const changed = new Set([...difference.created, ...difference.changed.map(({ id }) => id)]);
    for (const body of file.rules) {
      if (!changed.has(body.id)) continue;
      const known = current.get(body.id);
      await writeVersion(client, {
        body,
        version: (known?.version ?? 0) + 1,
        before: known?.body ?? null,
        by,
      });
    }
    return { dryRun, ...difference };
  });
  if (!dryRun) deps.bus.publish('registry', { changed: 'rules' });
  return answer;
}

/** What zod cannot know: whether there is what the rules name, and whether they contradict one another. */
async function checkFile(
  db: Queryable,
  { rules, document }: ReadFile,
  current: ReadonlyMap<string, RuleVersion>,
): Promise<void> {
  const faults: FieldError[] = [];
  const after = new Map([...current].map(([id, rule]) => [id, rule.body]));
  for (const body of rules) after.set(body.id, body);
  for (const [i, body] of rules.entries()) {
    const problems = [...(await findProblems(db, body)), ...contradictedLimits(body, [...after.values()])];
    for (const { path, message } of problems) {
      const segments = path.split('/').slice(1);
      faults.push(faultAt(document, ['rules', i, ...segments], message));
    }
  }
  if (faults.length > 0) throw refused(faults);
}

function compare(
  rules: readonly AlarmRuleBody[],
  current: ReadonlyMap<string, RuleVersion>,
): Omit<AlarmRuleImport, 'dryRun'> {
  const created: string[] = [];
  const changed: AlarmRuleImport['changed'] = [];
  let unchanged = 0;
  for (const body of rules) {
    const known = current.get(body.id)?.body;
    if (known === undefined) {
      created.push(body.id);
      continue;
    }
    const fields = differingFields(known, body);
    if (fields.length === 0) unchanged++;
    else changed.push({ id: body.id, fields });
  }
  return { created, changed, unchanged };
}
