import { z } from 'zod';
import type { Bilingual } from '../device-class.ts';
import { idSchema } from '../ids.ts';

/**
 * The fields that records are made of. Each carries its labels and its check, so that form, list, file and API cannot
 * disagree.
 */
interface FieldBase {
  readonly label: Bilingual;
  readonly required: boolean;
  /** What to enter, where the label does not tell. */
  readonly hint?: Bilingual;
  /** Names a person or says how to reach one: masked for those whose work does not need it. */
  readonly personal?: true;
}

export interface Option {
  readonly id: string;
  readonly name: Bilingual;
}

export type RecordField = FieldBase &
  (
    | { readonly type: 'text'; readonly most: number; readonly lines: boolean }
    | {
        readonly type: 'number';
        readonly unit: string | null;
        readonly min: number;
        readonly max: number;
        readonly whole: boolean;
      }
    | { readonly type: 'flag' }
    | { readonly type: 'day' }
    | { readonly type: 'choice'; readonly options: readonly Option[] }
    | { readonly type: 'choices'; readonly options: readonly Option[] }
    | { readonly type: 'tags' }
    /** Code of a record of another kind. */
    | { readonly type: 'record'; readonly kind: string }
    /** Id of a space of the registry. */
    | { readonly type: 'space' }
  );

export type RecordValue = string | number | boolean | readonly string[];
export type RecordFields = Readonly<Record<string, RecordValue>>;

export const fieldLimits = {
  text: 200,
  longText: 4_000,
  tags: 30,
  tagLength: 60,
} as const;

interface Extra {
  readonly optional?: true;
  readonly hint?: Bilingual;
  readonly personal?: true;
}

const base = (zh: string, en: string, { optional, hint, personal }: Extra): FieldBase => ({
  label: { zh, en },
  required: optional !== true,
  ...(hint === undefined ? {} : { hint }),
  ...(personal === undefined ? {} : { personal }),
});

export function text(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'text', most: fieldLimits.text, lines: false };
}

/** Text of several lines. */
export function longText(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'text', most: fieldLimits.longText, lines: true };
}

/** A number of things. */
export function count(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'number', unit: null, min: 0, max: 1e9, whole: true };
}

/** A quantity in a unit, not negative. */
export function quantity(
  zh: string,
  en: string,
  { unit, max = 1e9, ...extra }: Extra & { readonly unit: string; readonly max?: number },
): RecordField {
  return { ...base(zh, en, extra), type: 'number', unit, min: 0, max, whole: false };
}

export function flag(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'flag' };
}

export function day(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'day' };
}

export function choice(
  zh: string,
  en: string,
  { options, ...extra }: Extra & { readonly options: readonly Option[] },
): RecordField {
  return { ...base(zh, en, extra), type: 'choice', options };
}

export function choices(
  zh: string,
  en: string,
  { options, ...extra }: Extra & { readonly options: readonly Option[] },
): RecordField {
  return { ...base(zh, en, extra), type: 'choices', options };
}

export function tags(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'tags' };
}

export function recordOf(
  zh: string,
  en: string,
  { kind, ...extra }: Extra & { readonly kind: string },
): RecordField {
  return { ...base(zh, en, extra), type: 'record', kind };
}

export function space(zh: string, en: string, extra: Extra = {}): RecordField {
  return { ...base(zh, en, extra), type: 'space' };
}

export function option(id: string, zh: string, en: string): Option {
  return { id, name: { zh, en } };
}

/** A calendar day, `YYYY-MM-DD`. */
export const daySchema = z.iso.date();

const noControls = /^[^\p{Cc}]*$/u;
const noControlsButLines = /^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u;

/** What a value of the field must be. */
export function valueSchema(field: RecordField): z.ZodType<RecordValue> {
  switch (field.type) {
    case 'text': {
      const clean = field.lines ? noControlsButLines : noControls;
      return z.string().trim().min(1).max(field.most).regex(clean, 'has no control characters');
    }
    case 'number': {
      const { min, max } = field;
      return field.whole ? z.int().min(min).max(max) : z.number().min(min).max(max);
    }
    case 'flag':
      return z.boolean();
    case 'day':
      return daySchema;
    case 'choice':
      return z.enum(field.options.map(({ id }) => id));
    case 'choices':
      return distinct(z.enum(field.options.map(({ id }) => id)), field.options.length);
    case 'tags':
      return distinct(
        z.string().trim().min(1).max(fieldLimits.tagLength).regex(noControls, 'has no control characters'),
        fieldLimits.tags,
      );
    case 'record':
    case 'space':
      return idSchema;
  }
}

/** A set written as a list; the order is ours, so that the same set has one form. */
function distinct(item: z.ZodType<string>, most: number): z.ZodType<string[]> {
  return z
    .array(item)
    .transform((values) => [...new Set(values)].sort())
    .pipe(z.array(z.string()).min(1).max(most));
}
