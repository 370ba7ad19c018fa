import type { Clock } from '#infra/clock.ts';
import {
  readyMadeAnswer,
  tryMappingAnswer,
  tryMappingBody,
  type MappingDesk,
} from '#schemas/api/mappings.ts';
import { engineers } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';

export interface MappingDeps {
  readonly desk: MappingDesk;
  readonly clock: Clock;
}

/** A mapping, a topic and a payload, each with room for what JSON adds to text. */
const tryBodyBytes = 2 * 1024 * 1024;

/** Mappings are tried here before they are put in force. */
export function mappingRoutes(api: Api, { desk, clock }: MappingDeps): void {
  api.post(
    '/mappings/try',
    {
      config: { access: engineers },
      bodyLimit: tryBodyBytes,
      schema: {
        summary: 'What a message would become by a mapping; nothing is stored',
        tags: ['mappings'],
        body: tryMappingBody,
        response: { 200: tryMappingAnswer },
      },
    },
    ({ body }) => Promise.resolve(desk.tryMapping(body, clock.nowMs())),
  );
  api.get(
    '/mappings/ready-made',
    {
      config: { access: engineers },
      schema: {
        summary: 'Mappings that come with the program, to begin with',
        tags: ['mappings'],
        response: { 200: readyMadeAnswer },
      },
    },
    () => Promise.resolve(desk.readyMade()),
  );
}
