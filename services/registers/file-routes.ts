import { z } from 'zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createGate } from '#infra/gate.ts';
import {
  kindIdSchema,
  registerExportQuery,
  registerImportAnswer,
  registerImportQuery,
  registerLimits,
} from '#schemas/api/registers.ts';
import { ParkError } from '#schemas/errors.ts';
import { personalReaders } from '#schemas/personal.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { csvText, csvType, xlsxType } from '#services/registry/export.ts';
import { writeXlsx } from '#services/registry/xlsx.ts';
import { importRecords } from './import.ts';
import { kindOf } from './registers.ts';
import type { RegisterDeps } from './routes.ts';
import { readKind } from './store.ts';
import { tableOf } from './table.ts';

const tags = ['registers'];
const kindParams = z.object({ kind: kindIdSchema });
const formats: Readonly<Record<string, 'csv' | 'xlsx'>> = { 'text/csv': 'csv', [xlsxType]: 'xlsx' };
const working = { running: 1, waiting: 4 } as const;

/** GET /exports/registers/{kind} and POST /imports/registers/{kind}. */
export async function recordFileRoutes(api: Api, deps: RegisterDeps): Promise<void> {
  exportRoute(api, deps);
  await importRoute(api, deps);
}

function exportRoute(api: Api, { db }: RegisterDeps): void {
  const gate = createGate(working);
  api.get(
    '/exports/registers/:kind',
    {
      config: { access: everyone },
      schema: {
        summary: 'A register as CSV or a workbook; importing it again changes nothing',
        tags,
        params: kindParams,
        querystring: registerExportQuery,
      },
    },
    async (request, reply) => {
      const { format, lang } = request.query;
      const kind = kindOf(request.params.kind);
      const personal = personalReaders.includes(principalOf(request).role);
      const content = await gate(async () => {
        const records = await readKind(db, { kind: kind.id, limit: registerLimits.records + 1 });
        if (records.length > registerLimits.records) {
          throw new ParkError('too-many-values', `${kind.id} has more than ${registerLimits.records} rows`);
        }
        const sheet = tableOf(kind, records, { lang, personal });
        return format === 'csv' ? csvText(sheet.rows) : writeXlsx([sheet]);
      });
      return reply
        .type(format === 'csv' ? csvType : xlsxType)
        .header('content-disposition', `attachment; filename="${kind.id}.${format}"`)
        .send(content);
    },
  );
}

/** In a scope of its own: it takes files, and no JSON. */
async function importRoute(api: Api, deps: RegisterDeps): Promise<void> {
  const gate = createGate(working);
  await api.register(async (bare) => {
    const scope = bare.withTypeProvider<ZodTypeProvider>();
    scope.removeAllContentTypeParsers();
    const consumes = Object.keys(formats);
    const parser = { parseAs: 'buffer', bodyLimit: registerLimits.importBytes } as const;
    scope.addContentTypeParser(consumes, parser, (_request, body, done) => done(null, body));
    scope.post(
      '/imports/registers/:kind',
      {
        config: { access: engineers },
        bodyLimit: registerLimits.importBytes,
        schema: {
          summary:
            'Brings in records from CSV or a workbook, wholly or not at all; a dry run tells what would change',
          tags,
          params: kindParams,
          querystring: registerImportQuery,
          body: z.instanceof(Buffer).describe('Records as CSV or a workbook'),
          response: { 200: registerImportAnswer },
          consumes,
        },
      },
      async (request) => {
        const kind = kindOf(request.params.kind);
        const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
        const file = { format: formats[type.trim().toLowerCase()] ?? 'csv', bytes: request.body };
        const editor = { actor: principalOf(request).actor, address: request.ip };
        const dryRun = request.query.dryRun === 'true';
        return gate(() => importRecords(deps, kind, { file, dryRun, editor }));
      },
    );
  });
}
