import { z } from 'zod';
import { deviceClasses } from './device-classes/index.ts';
import { idSchema, metricSchema } from './ids.ts';
import { parseMappingPath, type MappingPath } from './mapping-path.ts';
import { clientCapture, itemCaptures, parseTemplate, parseTopicPattern } from './mapping-topic.ts';
import { metricUnit } from './opcua.ts';
import { qualities } from './reading.ts';
import { convert, type UnitName } from './units.ts';

/**
 * Mappings: what a vendor's messages over MQTT mean, as data (`mappings:` in PARK_CONFIG_FILE). docs/gateways/mapping.md
 * tells every field with examples; the syntax of paths and topics stands in mapping-path.ts and mapping-topic.ts.
 */

export const mappingLimits = {
  mappings: 1_000,
  /** Values of one mapping. */
  values: 500,
  events: 100,
  /** Entries of one table of states, ids or qualities. */
  entries: 10_000,
  conditions: 10,
  /** Devices that one message may speak of. */
  devices: 1_000,
  /** Items of one message, times what is asked of each. */
  work: 500_000,
} as const;

const pathSchema = z.string().transform((text, context): MappingPath => {
  const path = parseMappingPath(text);
  if (path !== null && !path.wild) return path;
  context.addIssue(
    path === null
      ? `"${text}" is no path; a path is written a.b[0].c`
      : 'names one value: "*" stands only in each',
  );
  return z.NEVER;
});

const itemsPathSchema = z.string().transform((text, context): MappingPath => {
  const path = parseMappingPath(text);
  if (path !== null && !path.fromRoot) return path;
  context.addIssue(`"${text}" is no path of items; it is written data[*], or * for the members of an object`);
  return z.NEVER;
});

const topicSchema = z.string().transform((text, context) => {
  const pattern = parseTopicPattern(text);
  if (typeof pattern !== 'string') return pattern;
  context.addIssue(pattern);
  return z.NEVER;
});

const templateSchema = z.string().transform((text, context) => {
  const template = parseTemplate(text);
  if (typeof template !== 'string') return template;
  context.addIssue(template);
  return z.NEVER;
});

function table<T extends z.ZodType>(value: T) {
  return z
    .record(z.string().max(256), value)
    .refine((entries) => Object.keys(entries).length <= mappingLimits.entries, 'has too many entries')
    .transform((entries) => new Map(Object.entries(entries)));
}

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Holds when the place has one of these values; without `is`, when it is there, or (`there: false`) is not. */
const conditionSchema = z
  .strictObject({
    path: pathSchema.optional(),
    /** Of the topic, or `key` and `index` of the item. */
    capture: z.string().optional(),
    is: z.union([scalarSchema, z.array(scalarSchema).min(1).max(1_000)]).optional(),
    there: z.boolean().optional(),
  })
  .refine(({ path, capture }) => (path === undefined) !== (capture === undefined), 'has a path or a capture')
  .refine(({ is, there }) => is === undefined || there === undefined, 'has either is or there')
  .transform(({ path, capture, is, there = true }) => ({
    path,
    capture,
    there,
    is: is === undefined ? null : new Set(typeof is === 'string' ? [is] : is),
  }));
export type Condition = z.output<typeof conditionSchema>;

const conditionsSchema = z
  .union([conditionSchema, z.array(conditionSchema).min(1).max(mappingLimits.conditions)])
  .transform((given): readonly Condition[] => (Array.isArray(given) ? given : [given]));

const namedTimeFormats = ['epoch-ms', 'epoch-s', 'rfc3339'] as const;

/** `YYYY-MM-DD HH:mm:ss`: YYYY, MM, DD, HH, mm, ss and SSS stand for digits, everything else for itself. */
export const timeTokens = ['YYYY', 'MM', 'DD', 'HH', 'mm', 'ss', 'SSS'] as const;

const formatFields = {
  format: z.string().max(64).default('epoch-ms'),
  /** IANA time zone of a format of one's own. */
  zone: z.string().refine(isZone, 'is no time zone such as Asia/Shanghai').optional(),
};

function checkFormat(
  { format, zone }: { readonly format: string; readonly zone?: string | undefined },
  context: z.RefinementCtx,
): void {
  const named = (namedTimeFormats as readonly string[]).includes(format);
  const whole = ['YYYY', 'MM', 'DD'].every((token) => format.split(token).length === 2);
  if (!named && !whole) {
    const message = `is ${namedTimeFormats.join(', ')}, or a form such as YYYY-MM-DD HH:mm:ss`;
    context.addIssue({ code: 'custom', path: ['format'], message });
  } else if (named !== (zone === undefined)) {
    const message = named ? `is not needed for ${format}` : 'is needed: the form itself names no zone';
    context.addIssue({ code: 'custom', path: ['zone'], message });
  }
}

const timeSchema = z
  .strictObject({
    path: pathSchema,
    ...formatFields,
    /** What it means that the payload has no time there. */
    absent: z.enum(['reject', 'untimed']).default('reject'),
  })
  .superRefine(checkFormat);
export type MappingTime = z.output<typeof timeSchema>;

const spanFields = {
  /** The list, as `data.records[*]`. */
  each: itemsPathSchema.refine(
    ({ steps }) => steps.findIndex(({ kind }) => kind === 'every') === steps.length - 1,
    'names one list: "[*]" stands only at its end',
  ),
  from: pathSchema,
  /** Nothing there: it goes on. */
  to: pathSchema,
  ...formatFields,
};

/** A list of spans of time: recordings. */
export const spanListSchema = z.strictObject(spanFields).superRefine(checkFormat);
export type SpanList = z.output<typeof spanListSchema>;

const valueSpansSchema = z
  .strictObject({
    ...spanFields,
    /** `covered`: seconds that they cover together; `age`: seconds since the oldest of them began. */
    as: z.enum(['covered', 'age']),
  })
  .superRefine(checkFormat);

const qualitySchema = z.strictObject({
  path: pathSchema,
  map: table(z.enum(qualities)),
  /** For what the map does not name, and for nothing. */
  otherwise: z.enum(qualities).default('uncertain'),
});
export type MappingQuality = z.output<typeof qualitySchema>;

const absentSchema = z.enum(['reject', 'skip']);

const valueSchema = z.strictObject({
  metric: metricSchema,
  /** Absent for a plain payload, which is the value itself. */
  path: pathSchema.optional(),
  /** In place of a path: what a list of spans of time comes to, in seconds. */
  spans: valueSpansSchema.optional(),
  /** What the vendor sends; converted to the metric's own unit. Absent: it is in that unit already. */
  unit: z.string().max(20).optional(),
  /** raw * scale + offset, before the unit is converted. */
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Names of states (or numbers) by what the vendor sends, e.g. {"ON": on}. */
  states: table(z.union([metricSchema, z.number(), z.boolean().transform(Number)])).optional(),
  when: conditionsSchema.optional(),
  time: timeSchema.optional(),
  quality: qualitySchema.optional(),
  /** What it means that the payload has nothing there: a rejected value, or nothing at all. */
  absent: absentSchema.optional(),
});
export type MappingValue = z.output<typeof valueSchema>;

const eventTypeSchema = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/, 'is a name such as access.denied');

const dataFieldSchema = z.union([
  pathSchema.transform((path) => ({ path, keepLast: null })),
  z
    .strictObject({
      path: pathSchema,
      /** Of a text, only so many characters at its end are kept: a card number, a name. */
      keepLast: z.int().min(0).max(64),
    })
    .transform((field) => ({ ...field })),
]);

const eventSchema = z.strictObject({
  type: z.union([
    eventTypeSchema.transform((type) => ({ type })),
    z.strictObject({ path: pathSchema, map: table(eventTypeSchema) }),
  ]),
  /** The vendor's own number of this happening, so that one sent twice is stored once. */
  id: pathSchema.optional(),
  data: table(dataFieldSchema).optional(),
  when: conditionsSchema.optional(),
  time: timeSchema.optional(),
});
export type MappingEvent = z.output<typeof eventSchema>;

/** All of a mapping but where its messages come from. */
const contentFields = {
  id: idSchema,
  /** Checks metrics, units and states against one device class. */
  class: z.string().optional(),
  payload: z.enum(['json', 'plain']).default('json'),
  /** The items of a payload that speaks of many times or devices. */
  each: itemsPathSchema.optional(),
  when: conditionsSchema.optional(),
  device: templateSchema,
  /** Our ids by the vendor's (as the template makes them), where these cannot be ids or should not be. */
  deviceIds: table(idSchema).optional(),
  /** Absent: untimed; stored at arrival and never better than uncertain. */
  time: timeSchema.optional(),
  quality: qualitySchema.optional(),
  absent: absentSchema.default('reject'),
  values: z.array(valueSchema).max(mappingLimits.values).default([]),
  /** Every other number and boolean of an object, under its own name. */
  others: z
    .strictObject({ path: pathSchema, skip: z.array(z.string()).max(mappingLimits.values).default([]) })
    .optional(),
  events: z.array(eventSchema).max(mappingLimits.events).default([]),
  status: z
    .strictObject({ path: pathSchema.optional(), map: table(z.enum(['online', 'offline'])) })
    .optional(),
};

export const mappingSchema = z
  .strictObject({ ...contentFields, topic: topicSchema })
  .superRefine((mapping, context) => checkMapping(mapping, context));
export type Mapping = z.output<typeof mappingSchema>;

/** What an answer that we asked for means: a mapping without a topic; what has no time in it is of when we asked. */
export const answerMappingSchema = z
  .strictObject(contentFields)
  .transform((mapping): Mapping => ({ ...mapping, topic: answerPattern }))
  .superRefine((mapping, context) => checkMapping(mapping, context));

/** The one topic of every answer. */
export const answerTopic = 'answer';
const answerPattern = topicSchema.parse(answerTopic);

function checkMapping(mapping: Mapping, context: z.RefinementCtx): void {
  const fault = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  classFaults(mapping, fault);
  shapeFaults(mapping, fault);
  captureFaults(mapping, fault);
}

type Fault = (path: (string | number)[], message: string) => void;

function classFaults(mapping: Mapping, fault: Fault): void {
  const deviceClass = mapping.class === undefined ? undefined : deviceClasses.get(mapping.class);
  if (mapping.class !== undefined && deviceClass === undefined) {
    return fault(['class'], `there is no device class "${mapping.class}"`);
  }
  mapping.values.forEach(({ metric, unit: given, spans, states }, index) => {
    const unit = given ?? (spans === undefined ? undefined : 's');
    const known = deviceClass?.metrics[metric];
    if (deviceClass !== undefined && known === undefined) {
      return fault(['values', index, 'metric'], `${deviceClass.id} has no metric ${metric}`);
    }
    const target = unitOf(mapping, metric);
    if (unit !== undefined && target === null) {
      const message = `${metric} has no one unit to convert to; name the class, or leave the unit away`;
      return fault(['values', index, 'unit'], message);
    }
    if (unit !== undefined && target !== null && convert(0, unit, target) === null) {
      fault(['values', index, 'unit'], `${unit} does not convert to ${target}, the unit of ${metric}`);
    }
    const names = known?.states?.map(({ key }) => key);
    for (const [raw, state] of states ?? []) {
      if (typeof state === 'string' && known !== undefined && names?.includes(state) !== true) {
        fault(['values', index, 'states', raw], `${state} is no state of ${metric}`);
      }
    }
  });
}

/** The unit that values of a metric are stored in; null where no class has it, or classes differ and none is named. */
export function unitOf(mapping: Pick<Mapping, 'class'>, metric: string): UnitName | null {
  if (mapping.class === undefined) return metricUnit(metric);
  return deviceClasses.get(mapping.class)?.metrics[metric]?.unit ?? null;
}

function shapeFaults(mapping: Mapping, fault: Fault): void {
  const { payload, values, others, events, status } = mapping;
  if (values.length + events.length === 0 && others === undefined && status === undefined) {
    fault([], 'maps nothing: it has no values, others, events or status');
  }
  values.forEach(({ path, spans, states, unit, scale, offset }, index) => {
    if (spans !== undefined) {
      if (payload === 'plain') fault(['values', index, 'spans'], 'needs a JSON payload');
      if ((path ?? states ?? unit ?? scale ?? offset) !== undefined)
        fault(['values', index, 'spans'], 'are seconds: no path, states, unit, scale or offset beside them');
    } else if ((path === undefined) !== (payload === 'plain')) {
      fault(['values', index], payload === 'plain' ? 'has no path in a plain payload' : 'needs a path');
    }
    if (states !== undefined && (unit ?? scale ?? offset) !== undefined) {
      fault(['values', index, 'states'], 'states are not converted: no unit, scale or offset beside them');
    }
  });
  if (payload !== 'plain') {
    if (status !== undefined && status.path === undefined) fault(['status'], 'needs a path');
    return;
  }
  for (const field of ['each', 'time', 'quality', 'others'] as const) {
    if (mapping[field] !== undefined) fault([field], 'needs a JSON payload');
  }
  if (events.length > 0) fault(['events'], 'needs a JSON payload');
  if (status?.path !== undefined) fault(['status', 'path'], 'needs a JSON payload');
}

function captureFaults(mapping: Mapping, fault: Fault): void {
  const known = new Set<string>([...mapping.topic.captures.values(), clientCapture]);
  if (mapping.each !== undefined) for (const name of itemCaptures) known.add(name);
  const check = (name: string | undefined, path: (string | number)[]) => {
    if (name !== undefined && !known.has(name)) fault(path, `{${name}} is captured nowhere`);
  };
  for (const part of mapping.device.parts) {
    if (part.kind === 'capture') check(part.name, ['device']);
    if (part.kind === 'path' && mapping.payload === 'plain')
      fault(['device'], 'needs a JSON payload for {@…}');
  }
  mapping.when?.forEach(({ capture }) => check(capture, ['when']));
  mapping.values.forEach(({ when }, index) =>
    when?.forEach(({ capture }) => check(capture, ['values', index, 'when'])),
  );
  mapping.events.forEach(({ when }, index) =>
    when?.forEach(({ capture }) => check(capture, ['events', index, 'when'])),
  );
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** `mappings:`, a list whose ids are its own. */
export const mappingListSchema = z
  .array(mappingSchema)
  .max(mappingLimits.mappings)
  .superRefine((mappings, context) => {
    const seen = new Set<string>();
    mappings.forEach(({ id }, index) => {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is used twice` });
      seen.add(id);
    });
  });
