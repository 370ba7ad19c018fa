import type { ConsumptionAnswer, ConsumptionChange } from '#schemas/api/consumption.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';
import type { Query } from './client.ts';

/** Consumption of counters, and what changed of it. */
export const consumptionApi = {
  of: (query: Query) => call<ConsumptionAnswer>({ method: 'GET', path: '/consumption', query }),
  changes: (query: Query) =>
    call<Page<ConsumptionChange>>({ method: 'GET', path: '/consumption/changes', query }),
};
