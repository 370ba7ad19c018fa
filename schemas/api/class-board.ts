import { z } from 'zod';
import { classBoardSchema } from '../class-board.ts';
import { bilingualSchema, severities } from '../device-class.ts';
import { idSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { provenances, qualities } from '../reading.ts';
import { instantSchema } from './common.ts';
import { connectionStates, pointSchema } from './registry.ts';

/** Which devices: those of the class in service, and below `space` where one is named. */
const scope = { space: idSchema.optional() };

/** GET /class-boards/{class}: worst first. */
export const classBoardQuery = z.strictObject({
  ...scope,
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(200),
  cursor: z.string().max(200).optional(),
});

const columnSchema = pointSchema.omit({ key: true, deviceId: true });
export type BoardColumn = z.infer<typeof columnSchema>;

const boardFigureSchema = z.object({
  stat: z.enum(['count', 'over', 'sum', 'mean', 'min', 'max']),
  metric: z.string().nullable(),
  name: bilingualSchema,
  /** Null where no device tells it. */
  value: z.number().nullable(),
  unit: z.string(),
  decimals: z.number(),
  /** Of how many devices the figure tells, out of those that were asked. */
  known: z.number(),
  of: z.number(),
  /** Of a count of what is not normal, when it is not 0. */
  severity: z.enum(severities).nullable(),
});
export type BoardFigureValue = z.infer<typeof boardFigureSchema>;

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  spaceId: z.string().nullable(),
  spaceName: z.string().nullable(),
  provenance: z.enum(provenances),
  connection: z.enum(connectionStates).nullable(),
  lastSeen: instantSchema.nullable(),
  /** The worst of its active alarms, states and limits; null when all is well. */
  severity: z.enum(severities).nullable(),
  /** Active alarms that are neither shelved nor suppressed. */
  alarms: z.number(),
  values: z.array(
    z.object({
      metric: z.string(),
      time: instantSchema,
      value: z.number(),
      quality: z.enum(qualities),
      /** Beyond a limit of the board that holds now. */
      over: z.enum(severities).nullable(),
    }),
  ),
});
export type BoardRow = z.infer<typeof rowSchema>;

export const classBoardAnswer = z.object({
  class: z.string(),
  name: bilingualSchema,
  time: instantSchema,
  board: classBoardSchema,
  columns: z.array(columnSchema),
  figures: z.array(boardFigureSchema),
  total: z.number(),
  /** Points of the board's counter: the meters that no other meter here counts, and all of them, each up to a limit. */
  counters: z.object({ top: z.array(z.string()), all: z.array(z.string()), total: z.number() }),
  /** Meters that have meters under them. */
  treeRoots: z.array(z.object({ id: z.string(), name: z.string() })),
  items: z.array(rowSchema),
  nextCursor: z.string().nullable(),
});
export type ClassBoardAnswer = z.infer<typeof classBoardAnswer>;

export const boardPeriods = ['24h', '7d', '30d'] as const;
export type BoardPeriod = (typeof boardPeriods)[number];

/** GET /class-boards/{class}/trend */
export const boardTrendQuery = z.strictObject({ ...scope, period: z.enum(boardPeriods).default('24h') });
export const boardTrendAnswer = z.object({
  metric: z.string(),
  fold: z.enum(['sum', 'mean', 'min', 'max']),
  unit: z.string(),
  resolution: z.enum(['15m', '1h', '1d']),
  from: instantSchema,
  to: instantSchema,
  /** Devices that are folded: those that tell anything of the period. */
  devices: z.number(),
  /** Buckets that any device knows; `count` is how many do, and fewer than all is `uncertain`. */
  t: z.array(z.number()),
  v: z.array(z.number()),
  q: z.array(z.number()),
  count: z.array(z.number()),
  pending: z.boolean(),
});
export type BoardTrend = z.infer<typeof boardTrendAnswer>;

/** GET /class-boards/{class}/calendar */
export const boardCalendarQuery = z.strictObject({ ...scope });
export const boardCalendarAnswer = z.object({
  /** Local days in order, the present one last. */
  items: z.array(
    z.object({
      day: z.string(),
      /** Of the limits of the board in their order: the worst station, and null where none tells. */
      verdicts: z.array(
        z
          .object({ value: z.number(), deviceId: z.string(), over: z.boolean(), stations: z.number() })
          .nullable(),
      ),
    }),
  ),
  nextCursor: z.null(),
});
export type BoardCalendar = z.infer<typeof boardCalendarAnswer>;

/** GET /class-boards/{class}/feed, newest first. */
export const boardFeedQuery = z.strictObject({
  ...scope,
  /** Only these, of what the board shows. */
  type: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export const boardEventSchema = z.object({
  id: z.string(),
  time: instantSchema,
  type: z.string(),
  deviceId: z.string(),
  deviceName: z.string(),
  spaceName: z.string().nullable(),
  /** Only the facts that the board names. */
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type BoardEvent = z.infer<typeof boardEventSchema>;
