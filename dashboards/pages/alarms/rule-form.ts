import type {
  AlarmCategory,
  AlarmCondition,
  AlarmKind,
  AlarmRuleBody,
  AlarmTarget,
  CombinationInput,
} from '#schemas/alarm.ts';
import { conditionFields, conditionStart } from '#schemas/alarm-fields.ts';
import type { DayKind, Schedule } from '#schemas/alarm-schedule.ts';
import type { Severity } from '#schemas/device-class.ts';
import type { AlarmRule, AlarmRuleCreate } from '../../app/api.ts';

export const watchKinds = ['point', 'device', 'class', 'space', 'tag'] as const;
export type WatchKind = (typeof watchKinds)[number];
export const categories = [
  'fire',
  'safety',
  'security',
  'video',
  'power',
  'water',
  'gas',
  'environment',
  'equipment',
  'communication',
  'other',
] as const satisfies readonly AlarmCategory[];
/** Texts of the rationalisation that stand in both languages. */
export const bothTexts = ['cause', 'consequence', 'recommendedAction', 'basis'] as const;

/** One value of a combination: `ref` is a metric of the watched device, or device.metric of any. */
export interface InputForm {
  readonly ref?: string;
  readonly test?: { readonly kind: 'limit' | 'state' } & Readonly<Record<string, unknown>>;
}
export type PlaceForm = InputForm & {
  readonly match?: 'all' | 'any';
  /** Of a group; absent: a value of its own. */
  readonly inputs?: readonly InputForm[];
};

/** A condition as the form holds it: as the API does, but for `where` (lines) and `of` (places). */
export type ConditionForm = { readonly kind: AlarmKind } & Readonly<Record<string, unknown>>;

export interface TargetForm {
  readonly point?: string;
  readonly device?: string;
  readonly space?: string;
  readonly deviceClass?: string | undefined;
  readonly tag?: string;
  readonly metric?: string | undefined;
}

export interface PeriodForm {
  readonly days?: readonly DayKind[];
  readonly from?: string;
  readonly to?: string;
}

/** A rule as the form holds it. */
export interface RuleForm {
  readonly id: string;
  readonly name: string;
  readonly nameEn?: string;
  readonly watch: WatchKind;
  readonly target: TargetForm;
  readonly condition: ConditionForm;
  readonly schedule: { readonly when: 'always' | Schedule['when']; readonly periods?: readonly PeriodForm[] };
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly requiresConfirm: boolean;
  readonly category: AlarmCategory;
  readonly team?: string;
  readonly texts: { readonly [K in (typeof bothTexts)[number] | `${(typeof bothTexts)[number]}En`]?: string };
  readonly reason: string;
}

/** Whether rules of this kind name devices without a metric. */
export const isOfDevices = (kind: AlarmKind): boolean =>
  kind === 'event' || kind === 'reported' || kind === 'combination';

export function emptyRule(): Partial<RuleForm> {
  return {
    watch: 'class',
    target: {},
    condition: startOf('limit'),
    schedule: { when: 'always' },
    severity: 'medium',
    enabled: true,
    requiresConfirm: false,
    category: 'other',
    texts: {},
  };
}

/** A condition of a kind as its form begins. */
export function startOf(kind: AlarmKind): ConditionForm {
  const start = kind === 'combination' ? { ...conditionStart.combination, of: [startInput()] } : {};
  return { ...conditionStart[kind], ...start, kind };
}

export function startInput(): InputForm {
  return { test: { kind: 'limit', side: 'high', deadband: 0 } };
}

export function watchOf(target: AlarmTarget): WatchKind {
  if ('point' in target) return 'point';
  if ('tag' in target) return 'tag';
  if ('space' in target) return 'space';
  return 'device' in target ? 'device' : 'class';
}

export function toForm(rule: Omit<AlarmRule, 'version' | 'validFrom' | 'author'>): Omit<RuleForm, 'reason'> {
  const { id, name, nameEn, target, severity, enabled, requiresConfirm = false, category, team } = rule;
  const texts = Object.fromEntries(
    bothTexts
      .flatMap((key) => [key, `${key}En`] as const)
      .flatMap((key) => (rule[key] === undefined ? [] : [[key, rule[key]]])),
  ) as RuleForm['texts'];
  return {
    id,
    name,
    ...(nameEn === undefined ? {} : { nameEn }),
    watch: watchOf(target),
    target,
    condition: toConditionForm(rule.condition),
    schedule: rule.schedule ?? { when: 'always' },
    severity,
    enabled,
    requiresConfirm,
    category,
    team,
    texts,
  };
}

export function toConditionForm(condition: AlarmCondition): ConditionForm {
  if (condition.kind === 'event') return { ...condition, where: toLines(condition.where) };
  if (condition.kind !== 'combination') return condition;
  const of: PlaceForm[] = condition.of.map((each) =>
    'test' in each ? toInputForm(each) : { match: each.match, inputs: each.of.map(toInputForm) },
  );
  return { ...condition, of };
}

const toInputForm = ({ of, test }: CombinationInput): InputForm => ({
  ref: 'point' in of ? of.point : of.metric,
  test,
});

/** What the API takes of a filled form; what is wrong with it the API tells at its field. */
export function fromForm(form: RuleForm): AlarmRuleCreate {
  const { id, name, severity, enabled, requiresConfirm, category, team = '', texts, reason } = form;
  const schedule = scheduleOf(form);
  const english = bothTexts
    .map((key) => `${key}En` as const)
    .flatMap((key) => (filled(texts[key]) ? [[key, texts[key]]] : []));
  return {
    id,
    name,
    ...(filled(form.nameEn) ? { nameEn: form.nameEn } : {}),
    target: targetOf(form),
    condition: conditionOf(form.condition),
    ...(schedule === undefined ? {} : { schedule }),
    severity,
    enabled,
    requiresConfirm,
    category,
    team,
    ...Object.fromEntries(bothTexts.map((key) => [key, texts[key] ?? ''])),
    ...Object.fromEntries(english),
    reason,
  };
}

const filled = (text: unknown): text is string => typeof text === 'string' && text.trim() !== '';

export function targetOf({ watch, target, condition }: Pick<RuleForm, 'watch' | 'target' | 'condition'>) {
  const { point = '', device = '', space = '', deviceClass = '', tag = '' } = target;
  if (watch === 'point') return { point };
  const metric = isOfDevices(condition.kind) ? {} : { metric: target.metric ?? '' };
  if (watch === 'device') return { device, ...metric };
  if (watch === 'class') return { deviceClass, ...metric };
  if (watch === 'space') return { space, deviceClass, ...metric };
  return { tag, ...(deviceClass === '' ? {} : { deviceClass }), ...metric };
}

/** The condition with the fields of its kind and no others: what was typed for another kind is left out. */
export function conditionOf(form: ConditionForm): AlarmCondition {
  const fields = conditionFields[form.kind].flatMap((field): [string, unknown][] => {
    const value = form[field.key];
    if (field.type === 'values') return [[field.key, fromLines(typeof value === 'string' ? value : '')]];
    if (field.type === 'inputs') {
      return [[field.key, ((value as readonly PlaceForm[] | undefined) ?? []).map(placeOf)]];
    }
    if (value === undefined || value === null || (field.type === 'text' && field.optional && !filled(value)))
      return [];
    return [[field.key, value]];
  });
  // The API judges it: a form may be half filled.
  return { kind: form.kind, ...Object.fromEntries(fields) } as unknown as AlarmCondition;
}

function placeOf({ inputs, match = 'any', ...single }: PlaceForm): unknown {
  return inputs === undefined ? inputOf(single) : { match, of: inputs.map(inputOf) };
}

function inputOf({ ref = '', test }: InputForm): unknown {
  const filledIn: Readonly<Record<string, unknown>> = test ?? {};
  const { kind = 'limit', side, limit, deadband, states, test: how } = filledIn;
  return {
    of: ref.includes('.') ? { point: ref } : { metric: ref },
    test: kind === 'state' ? { kind, test: how ?? 'equals', states } : { kind, side, limit, deadband },
  };
}

export function scheduleOf({ schedule }: Pick<RuleForm, 'schedule'>): Schedule | undefined {
  if (schedule.when === 'always') return undefined;
  const periods = (schedule.periods ?? []).map(({ days = [], from = '', to = '' }) => ({
    days: [...days],
    from,
    to,
  }));
  return { when: schedule.when, periods };
}

function toLines(where: Extract<AlarmCondition, { kind: 'event' }>['where']): string {
  return Object.entries(where)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? textValue(value) : String(value)}`)
    .join('\n');
}

/** Text that would be read as another type stands in quotes. */
const textValue = (text: string) => (typeof readValue(text) === 'string' ? text : JSON.stringify(text));

function fromLines(lines: string): Record<string, string | number | boolean> {
  return Object.fromEntries(
    lines
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [key = '', ...rest] = line.split('=');
        return [key.trim(), readValue(rest.join('=').trim())];
      }),
  );
}

function readValue(text: string): string | number | boolean {
  if (/^".*"$/.test(text)) {
    try {
      return String(JSON.parse(text));
    } catch {
      return text;
    }
  }
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

export type FieldName = readonly (string | number)[];

/** The field of the form at which the API found a fault; undefined where none stands for it. */
export function fieldOf(path: string, form: RuleForm): FieldName | undefined {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
  const [head, ...rest] = parts;
  if (head === 'target') return ['target', targetField(rest[0], form)];
  if (head === 'condition') return conditionField(rest);
  if (head === 'schedule') return ['schedule', ...rest];
  if (typeof head !== 'string') return undefined;
  return (bothTexts as readonly string[]).includes(head.replace(/En$/, '')) ? ['texts', head] : [head];
}

function targetField(named: string | number | undefined, { watch, condition }: RuleForm): string {
  if (typeof named === 'string') return named;
  if (watch === 'point') return 'point';
  if (!isOfDevices(condition.kind)) return 'metric';
  return watch === 'class' ? 'deviceClass' : watch;
}

function conditionField([head, at, part, inner, ...rest]: FieldName): FieldName {
  if (head === undefined) return ['condition', 'kind'];
  if (head === 'where') return ['condition', 'where'];
  if (head === 'states') return ['condition', 'states'];
  if (head !== 'of' || at === undefined) return ['condition', head];
  const place = ['condition', 'of', at] as const;
  if (part === 'test') return [...place, ...testField([inner ?? 'limit'])];
  if (part !== 'of' || typeof inner !== 'number') return [...place, 'ref'];
  const [what, ...field] = rest;
  return [...place, 'inputs', inner, ...(what === 'test' ? testField(field) : ['ref'])];
}

const testField = ([field = 'limit']: FieldName): FieldName => ['test', field];

/** What a version changed of the one before, by field. */
export function changedFields(before: AlarmRuleBody, after: AlarmRuleBody): string[] {
  const ignored = new Set(['version', 'validFrom', 'validTo', 'author', 'reason']);
  const [from, to] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...from.keys(), ...to.keys()])].filter(
    (key) => !ignored.has(key) && JSON.stringify(from.get(key)) !== JSON.stringify(to.get(key)),
  );
}
