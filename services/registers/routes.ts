import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { asOfOnly, pageOf, pageQuery } from '#schemas/api/common.ts';
import {
  amendBody,
  kindIdSchema,
  recordBody,
  recordDetailSchema,
  recordRowSchema,
  recordSchema,
  recordsQuery,
  registerSummarySchema,
  reviewBody,
  withdrawBody,
  type RecordDetail,
} from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { localCalendar, type LocalCalendar } from '#schemas/local-time.ts';
import { recordKinds } from '#schemas/registers/index.ts';
import type { RecordKind } from '#schemas/registers/kind.ts';
import { personalReaders } from '#schemas/personal.ts';
import { engineers, everyone, type Role } from '#schemas/roles.ts';
import { servedItems } from '#schemas/rubric-registers.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { fromCursor, fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { addMonths, pieceOn } from './amend.ts';
import { amendRecord, createRecord, kindOf, reviewRecord, withdrawRecord } from './registers.ts';
import { countRecords, listHistory, listRecords, readPieces, readReview } from './store.ts';
import { soonDay, toDetail, toHistoryRow, toRecord, type View } from './views.ts';

export interface RegisterDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timeZone: string;
}

const tags = ['registers'];
const kindParams = z.object({ kind: kindIdSchema });
const recordParams = kindParams.extend({ code: idSchema });

/** Books of records: everyone reads them, engineers and administrators keep them. */
export function recordRoutes(api: Api, deps: RegisterDeps): void {
  const calendar = localCalendar(deps.timeZone);
  summaryRoute(api, deps, calendar);
  listRoute(api, deps, calendar);
  readRoutes(api, deps, calendar);
  writeRoutes(api, deps, calendar);
  actRoutes(api, deps, calendar);
}

/** The instant before which a record of the kind was looked at last when it is due for review; null for never. */
function dueBefore(kind: RecordKind, calendar: LocalCalendar, nowMs: number): Date | null {
  if (kind.reviewMonths === null) return null;
  return new Date(calendar.startOf(addMonths(calendar.dayOf(nowMs), -kind.reviewMonths)));
}

const instantOf = (asOf: string | undefined, clock: Clock): number =>
  asOf === undefined ? clock.nowMs() : Date.parse(asOf);

function summaryRoute(api: Api, { db, clock }: RegisterDeps, calendar: LocalCalendar): void {
  api.get(
    '/registers',
    {
      config: { access: everyone },
      schema: {
        summary: 'The registers that people keep, with how many records each has and what runs out',
        tags,
        querystring: asOfOnly,
        response: { 200: z.object({ items: z.array(registerSummarySchema), nextCursor: z.null() }) },
      },
    },
    async ({ query: { asOf } }) => {
      const nowMs = instantOf(asOf, clock);
      const today = calendar.dayOf(nowMs);
      const reviewed = [...recordKinds.values()].flatMap((kind) => {
        const due = dueBefore(kind, calendar, nowMs);
        return due === null ? [] : [{ id: kind.id, due }];
      });
      const counts = await countRecords(db, {
        today,
        soon: soonDay(today),
        reviewKinds: reviewed.map(({ id }) => id),
        dueBefore: reviewed.map(({ due }) => due),
      });
      const items = [...recordKinds.values()].map((kind) => {
        const { id, group, name, about, time, reviewMonths, title, fields } = kind;
        const found = counts.get(id);
        const ends = time !== 'event';
        return {
          kind: id,
          group,
          name,
          about,
          time,
          reviewMonths,
          title,
          fields: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, { ...field }])),
          serves: servedItems(scoredRubrics.values(), id),
          records: found?.records ?? 0,
          expiring: ends ? (found?.expiring ?? 0) : 0,
          ended: ends ? (found?.ended ?? 0) : 0,
          reviewDue: found?.reviewDue ?? 0,
        };
      });
      return { items, nextCursor: null };
    },
  );
}

function listRoute(api: Api, { db, clock }: RegisterDeps, calendar: LocalCalendar): void {
  api.get(
    '/registers/:kind',
    {
      config: { access: everyone },
      schema: {
        summary: 'Records of a register by code, each as it stands today',
        tags,
        params: kindParams,
        querystring: recordsQuery,
        response: { 200: pageOf(recordSchema) },
      },
    },
    async (request) => {
      const { q, state, field, value, limit, cursor, asOf } = request.query;
      const kind = kindOf(request.params.kind);
      const nowMs = instantOf(asOf, clock);
      const { role } = principalOf(request);
      refuseHidden(kind, field, role);
      const today = calendar.dayOf(nowMs);
      const rows = await listRecords(db, {
        kind: kind.id,
        after: fromCursor(cursor),
        limit: limit + 1,
        q: q === undefined ? null : `%${q.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`,
        field: field ?? null,
        value: value ?? null,
        state,
        today,
        soon: soonDay(today),
        dueBefore: dueBefore(kind, calendar, nowMs),
      });
      const { items, nextCursor } = toPage(rows, limit, ({ code }) => code);
      const view = { kind, role, calendar, nowMs };
      return { items: items.map((row) => toRecord(view, row, state === 'withdrawn')), nextCursor };
    },
  );
}

/** Nobody finds out by filtering what they may not read. */
function refuseHidden(kind: RecordKind, field: string | undefined, role: Role): void {
  if (field === undefined) return;
  const definition = kind.fields[field];
  const hidden = definition?.personal === true && !personalReaders.includes(role);
  if (definition !== undefined && !hidden) return;
  const message = `is no field of ${kind.id} to filter by`;
  throw new ParkError('invalid-request', `field ${message}`, [{ path: 'querystring/field', message }]);
}

async function readDetail(db: Database, view: View, code: string): Promise<RecordDetail> {
  const { kind, calendar, nowMs } = view;
  const pieces = await readPieces(db, { kind: kind.id, codes: [code] });
  const shown = pieceOn(pieces, calendar.dayOf(nowMs));
  if (shown === undefined) throw new ParkError('not-found', `${kind.id} has no record ${code}`);
  const review = await readReview(db, { kind: kind.id, code });
  const reviewedAt = review?.reviewedAt ?? null;
  return toDetail(view, { ...shown, reviewedAt, reviewer: review?.reviewer ?? null }, pieces);
}

function readRoutes(api: Api, { db, clock }: RegisterDeps, calendar: LocalCalendar): void {
  api.get(
    '/registers/:kind/:code',
    {
      config: { access: everyone },
      schema: {
        summary: 'One record, with all that is known of it over time',
        tags,
        params: recordParams,
        querystring: asOfOnly,
        response: { 200: recordDetailSchema },
      },
    },
    async (request) => {
      const kind = kindOf(request.params.kind);
      const nowMs = instantOf(request.query.asOf, clock);
      const view = { kind, role: principalOf(request).role, calendar, nowMs };
      return readDetail(db, view, request.params.code);
    },
  );
  api.get(
    '/registers/:kind/:code/history',
    {
      config: { access: everyone },
      schema: {
        summary: 'Every row that was ever written of a record, newest first',
        tags,
        params: recordParams,
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(recordRowSchema) },
      },
    },
    async (request) => {
      const kind = kindOf(request.params.kind);
      const { limit, cursor } = request.query;
      const view = { kind, role: principalOf(request).role, calendar, nowMs: clock.nowMs() };
      const rows = await listHistory(db, {
        kind: kind.id,
        code: request.params.code,
        beforeId: fromIdCursor(cursor),
        limit: limit + 1,
      });
      const { items, nextCursor } = toPage(rows, limit, ({ id }) => String(id));
      return { items: items.map((row) => toHistoryRow(view, row)), nextCursor };
    },
  );
}

function writeRoutes(api: Api, deps: RegisterDeps, calendar: LocalCalendar): void {
  const { db, clock } = deps;
  api.post(
    '/registers/:kind',
    {
      config: { access: engineers },
      schema: {
        summary: 'Writes a record',
        tags,
        params: kindParams,
        body: recordBody,
        response: { 201: recordDetailSchema },
      },
    },
    async (request, reply) => {
      const kind = kindOf(request.params.kind);
      const { actor, role } = principalOf(request);
      const editor = { actor, address: request.ip };
      const code = await createRecord(deps, kind, { ...request.body, code: request.body.code, editor });
      const view = { kind, role, calendar, nowMs: clock.nowMs() };
      return reply.code(201).send(await readDetail(db, view, code));
    },
  );
  api.patch(
    '/registers/:kind/:code',
    {
      config: { access: engineers },
      schema: {
        summary: 'Corrects what was written, or writes what is different from a day on',
        tags,
        params: recordParams,
        body: amendBody,
        response: { 200: recordDetailSchema },
      },
    },
    async (request) => {
      const kind = kindOf(request.params.kind);
      const { code } = request.params;
      const { actor, role } = principalOf(request);
      await amendRecord(deps, kind, { ...request.body, code, editor: { actor, address: request.ip } });
      return readDetail(db, { kind, role, calendar, nowMs: clock.nowMs() }, code);
    },
  );
}

function actRoutes(api: Api, deps: RegisterDeps, calendar: LocalCalendar): void {
  const { db, clock } = deps;
  api.post(
    '/registers/:kind/:code/withdraw',
    {
      config: { access: engineers },
      schema: {
        summary: 'Takes a record out of every list and measure; its rows stay readable',
        tags,
        params: recordParams,
        body: withdrawBody,
      },
    },
    async (request, reply) => {
      const kind = kindOf(request.params.kind);
      const editor = { actor: principalOf(request).actor, address: request.ip };
      await withdrawRecord(deps, kind, { ...request.body, code: request.params.code, editor });
      return reply.code(204).send();
    },
  );
  api.post(
    '/registers/:kind/:code/review',
    {
      config: { access: engineers },
      schema: {
        summary: 'Notes that a person looked at the record and found it right as it stands',
        tags,
        params: recordParams,
        body: reviewBody,
        response: { 200: recordDetailSchema },
      },
    },
    async (request) => {
      const kind = kindOf(request.params.kind);
      const { code } = request.params;
      const { actor, role } = principalOf(request);
      const { version, note = null } = request.body;
      const editor = { actor, address: request.ip };
      await reviewRecord(deps, kind, { code, version, note, editor });
      return readDetail(db, { kind, role, calendar, nowMs: clock.nowMs() }, code);
    },
  );
}
