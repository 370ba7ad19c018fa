import { z } from 'zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createGate } from '#infra/gate.ts';
import { importAnswer, importQuery } from '#schemas/api/registry.ts';
import { engineers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { xlsxType } from './export.ts';
import type { ImportFormat } from './import-file.ts';
import { importLimits } from './import.ts';
import type { RegistryDeps } from './deps.ts';
import { runImport } from './run-import.ts';

/** What a file is, by what its sender calls it; JSON is YAML. */
const formats: Readonly<Record<string, ImportFormat>> = {
  'application/json': 'yaml',
  'text/yaml': 'yaml',
  'application/yaml': 'yaml',
  'application/x-yaml': 'yaml',
  'text/x-yaml': 'yaml',
  'text/csv': 'csv',
  [xlsxType]: 'xlsx',
};

/** A large file takes a thread with a heap of its own. */
const importing = { running: 1, waiting: 4 } as const;

/** POST /imports. In a scope of its own, since it reads JSON as a file too: errors name lines. */
export async function importRoute(api: Api, deps: RegistryDeps): Promise<void> {
  const gate = createGate(importing);
  await api.register(async (bare) => {
    const scope = bare.withTypeProvider<ZodTypeProvider>();
    scope.removeAllContentTypeParsers();
    const consumes = Object.keys(formats);
    const parser = { parseAs: 'buffer', bodyLimit: importLimits.bytes } as const;
    scope.addContentTypeParser(consumes, parser, (_request, body, done) => done(null, body));
    scope.post(
      '/imports',
      {
        config: { access: engineers },
        bodyLimit: importLimits.bytes,
        schema: {
          querystring: importQuery,
          body: z.instanceof(Buffer).describe('Spaces, devices and points as YAML, JSON, CSV or a workbook'),
          response: { 200: importAnswer },
          consumes,
        },
      },
      async (request) => {
        const { actor, role } = principalOf(request);
        const dryRun = request.query.dryRun === 'true';
        const editor = { actor, address: request.ip };
        const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
        const file = { format: formats[type.trim().toLowerCase()] ?? 'yaml', bytes: request.body };
        const answer = await gate(() => runImport(deps, { file, dryRun, role, editor }));
        if (!dryRun) {
          deps.bus.publish('registry', { changed: 'points' });
          await deps.directory.reload();
        }
        return answer;
      },
    );
  });
}
