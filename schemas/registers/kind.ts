import { z } from 'zod';
import type { Bilingual } from '../device-class.ts';
import { valueSchema, type RecordField, type RecordFields } from './field.ts';

/** The parts of the register, in the order people look for them. */
export const kindGroups = ['enterprises', 'services', 'people', 'facilities', 'assurance'] as const;
export type KindGroup = (typeof kindGroups)[number];

/**
 * How a record stands in time: `standing` holds from a day on, until somebody ends it; `expiring` has a last day from the
 * start; `event` is of one day.
 */
export const recordTimes = ['standing', 'expiring', 'event'] as const;
export type RecordTime = (typeof recordTimes)[number];

/** A book of records that people keep: what a record says, how long it holds, how often somebody looks at it again. */
export interface RecordKind {
  readonly id: string;
  readonly group: KindGroup;
  readonly name: Bilingual;
  /** What belongs in it. */
  readonly about: Bilingual;
  readonly time: RecordTime;
  /** A record that nobody wrote or confirmed for so many months is due for review; null: never. */
  readonly reviewMonths: number | null;
  readonly fields: Readonly<Record<string, RecordField>>;
  /** The field that a record is called by; never a personal one. */
  readonly title: string;
  /** What `fields` of a record must be; a field that the kind does not have is refused. */
  readonly schema: z.ZodType<RecordFields>;
}

/**
 * @throws Error when the title is no required, readable field: a fault of the kind, not of a record
 */
export function defineKind(definition: Omit<RecordKind, 'schema'>): RecordKind {
  const title = definition.fields[definition.title];
  if (title === undefined || !title.required || title.personal === true) {
    throw new Error(`${definition.id} is called by a field that is required and not personal`);
  }
  const shape = Object.fromEntries(
    Object.entries(definition.fields).map(([key, field]) => {
      const schema = valueSchema(field);
      return [key, field.required ? schema : schema.optional()];
    }),
  );
  return { ...definition, schema: z.strictObject(shape) as unknown as z.ZodType<RecordFields> };
}

/** What a record is called: the text of its title field, in words where that is a choice. */
export function titleOf(kind: RecordKind, fields: RecordFields): string {
  const field = kind.fields[kind.title];
  const value = fields[kind.title];
  if (field?.type === 'choice') {
    return field.options.find(({ id }) => id === value)?.name.zh ?? String(value);
  }
  return String(value ?? '');
}

/** The fields with what is personal left out. */
export function withoutPersonal(kind: RecordKind, fields: RecordFields): RecordFields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => kind.fields[key]?.personal !== true));
}
