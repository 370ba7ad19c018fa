import { Readable } from 'node:stream';
import { z } from 'zod';
import { createGate, enter } from '#infra/gate.ts';
import { appendAudit } from '#infra/journal.ts';
import {
  evidenceListQuery,
  evidenceSchema,
  evidenceSummarySchema,
  packQuery,
  type Evidence,
} from '#schemas/api/assessment.ts';
import { pageOf } from '#schemas/api/common.ts';
import { ParkError } from '#schemas/errors.ts';
import { assessors, everyone } from '#schemas/roles.ts';
import type { Rubric } from '#schemas/rubric.ts';
import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { fromIdCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { toPopulationMember } from './assess.ts';
import type { EvidenceBody, InputRef } from './evidence-body.ts';
import { listEvidence, readEvidence, readInput, type EvidenceRow } from './evidence-store.ts';
import type { Member } from './measure.ts';
import { derivations } from './measures/derivations.ts';
import { preparePack, type PackRequest } from './pack/pack.ts';
import { namedPeriod } from './period.ts';
import type { AssessmentDeps } from './routes.ts';

/** Ids are whole numbers that fit the journal's key. */
const idParam = z.string().regex(/^\d{1,15}$/);
const sha256Param = z.string().regex(/^[0-9a-f]{64}$/);
/** The sealer needs two seconds; a page waits no longer than a person would. */
const packPatienceMs = 5_000;
/** A pack reads the whole journal and prints a report: one after the other. */
const packing = { running: 1, waiting: 2 } as const;

/** GET /evidence, /evidence/{id}, /evidence/{id}/inputs/{sha256} and /evidence/pack. */
export function evidenceRoutes(api: Api, deps: AssessmentDeps): void {
  listRoute(api, deps);
  oneRoute(api, deps);
  inputRoute(api, deps);
  packRoute(api, deps);
}

function listRoute(api: Api, { db }: AssessmentDeps): void {
  api.get(
    '/evidence',
    {
      config: { access: everyone },
      schema: {
        summary: 'Stored evidence, newest first',
        tags: ['evidence'],
        querystring: evidenceListQuery,
        response: { 200: pageOf(evidenceSummarySchema) },
      },
    },
    async ({ query: { rubric, item, limit, cursor } }) => {
      const rows = await listEvidence(db, {
        rubricId: rubric ?? null,
        item: item ?? null,
        beforeId: fromIdCursor(cursor),
        limit: limit + 1,
      });
      const page = toPage(rows, limit, ({ id }) => String(id));
      return { ...page, items: page.items.map(toSummary) };
    },
  );
}

function toSummary(row: EvidenceRow): z.infer<typeof evidenceSummarySchema> {
  const { id, rubricId, item, from, to, demo, storedBy, storedAt, seq, hash } = row;
  return {
    id: String(id),
    rubricId,
    item,
    name: scoredRubrics.get(rubricId)?.items.find((each) => each.id === item)?.name ?? null,
    from: from.toISOString(),
    to: to.toISOString(),
    demo,
    storedBy,
    storedAt: storedAt.toISOString(),
    seq,
    hash,
  };
}

function oneRoute(api: Api, { db }: AssessmentDeps): void {
  api.get(
    '/evidence/:id',
    {
      config: { access: everyone },
      schema: {
        summary: 'One row of evidence: its sealed body, its population, its inputs, its place in the chain',
        tags: ['evidence'],
        params: z.object({ id: idParam }),
        response: { 200: evidenceSchema },
      },
    },
    async ({ params: { id } }): Promise<Evidence> => {
      const row = await readEvidence(db, Number(id));
      if (row === undefined) throw new ParkError('not-found', `There is no evidence ${id}`);
      const body = JSON.parse(row.body) as EvidenceBody;
      const input = (wanted: InputRef['name']) =>
        readInput(db, row.id, body.inputs.find(({ name }) => name === wanted)?.sha256 ?? '');
      const [facts, rubric] = [await input('facts'), await input('rubric')];
      return {
        id,
        rubricId: row.rubricId,
        item: row.item,
        seq: row.seq,
        hash: row.hash,
        prev: row.prev,
        sealedAt: row.sealedAt?.toISOString() ?? null,
        body: { ...body },
        population:
          facts === undefined || rubric === undefined
            ? []
            : membersOf(body, { facts, rubric }).map(toPopulationMember),
        inputs: body.inputs.map((each) => ({ ...each })),
      };
    },
  );
}

/** Empty when the measure is of a version that this program does not know any more: the facts still stand. */
function membersOf(
  { item, versions }: EvidenceBody,
  { facts, rubric }: { facts: string; rubric: string },
): Member[] {
  const derivation = derivations.get(versions.measure);
  const scored = (JSON.parse(rubric) as Rubric).items.find(({ id }) => id === item);
  if (scored === undefined || derivation?.version !== versions.measureVersion) return [];
  return derivation.members(JSON.parse(facts), scored);
}

function inputRoute(api: Api, { db }: AssessmentDeps): void {
  api.get(
    '/evidence/:id/inputs/:sha256',
    {
      config: { access: everyone },
      schema: {
        summary: 'An input file exactly as it was hashed',
        tags: ['evidence'],
        params: z.object({ id: idParam, sha256: sha256Param }),
        response: { 200: z.string() },
      },
    },
    async ({ params: { id, sha256 } }, reply) => {
      const content = await readInput(db, Number(id), sha256);
      if (content === undefined) throw new ParkError('not-found', `Evidence ${id} has no input ${sha256}`);
      // Serialised already: another serialisation would not be the bytes that were hashed.
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="${sha256}.json"`)
        .serializer(String)
        .send(content);
    },
  );
}

function packRoute(api: Api, deps: AssessmentDeps): void {
  const { db, timeZone } = deps;
  const gate = createGate(packing);
  api.get(
    '/evidence/pack',
    {
      config: { access: assessors },
      schema: {
        summary:
          'An evidence pack: one archive with records, inputs, report and signature, which the verifier reads',
        tags: ['evidence'],
        querystring: packQuery,
        response: { 200: z.unknown() },
      },
    },
    async (request, reply) => {
      const { rubric } = request.query;
      const period = packPeriod(request.query, timeZone);
      const release = await enter(gate);
      try {
        const pack = await preparePack(deps, { rubricId: rubric, period, patienceMs: packPatienceMs });
        await appendAudit(db, {
          actor: principalOf(request).actor,
          action: 'evidence.export',
          object: rubric,
          after: { seq: pack.head.seq, hash: pack.head.hash },
          address: request.ip,
        });
        const stream = Readable.from(pack.bytes(), { objectMode: false });
        stream.once('close', release);
        return reply
          .type('application/zip')
          .header('content-disposition', `attachment; filename="${pack.name}"`)
          .send(stream);
      } catch (error) {
        release();
        throw error;
      }
    },
  );
}

function packPeriod(
  { from, to, period }: z.infer<typeof packQuery>,
  timeZone: string,
): PackRequest['period'] {
  if (period !== undefined) return { ...namedPeriod(period, timeZone), match: 'within' };
  if (from === undefined || to === undefined) return null;
  return { fromMs: Date.parse(from), toMs: Date.parse(to), match: 'exact' };
}
