import { createGate } from '#infra/gate.ts';
import { exportQuery } from '#schemas/api/registry.ts';
import { everyone } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import type { RegistryDeps } from './deps.ts';
import { writeRegistry } from './export.ts';
import { readRegistry } from './store.ts';

/** A workbook of the largest park takes about a second. */
const exporting = { running: 1, waiting: 4 } as const;

/** GET /exports/registry: spaces, devices and points as a file that can be imported again. */
export function exportRoute(api: Api, deps: RegistryDeps): void {
  const gate = createGate(exporting);
  api.get(
    '/exports/registry',
    {
      config: { access: everyone },
      schema: {
        summary: 'Spaces, devices and points as YAML, CSV or a workbook; importing it again changes nothing',
        tags: ['registry'],
        querystring: exportQuery,
      },
    },
    async ({ query: { format, kind } }, reply) => {
      const { type, content } = await gate(async () =>
        writeRegistry(await readRegistry(deps.db), format, kind),
      );
      const name = format === 'csv' ? kind : 'park';
      return reply
        .type(type)
        .header('content-disposition', `attachment; filename="${name}.${format}"`)
        .send(content);
    },
  );
}
