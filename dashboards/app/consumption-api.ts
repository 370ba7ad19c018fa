import type { z } from 'zod';
import type {
  ConsumptionAnswer,
  ConsumptionChange,
  MeterReplacement,
  Review,
  reviewBody,
} from '#schemas/api/consumption.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';
import type { Query } from './client.ts';

export type ReviewDecision = z.input<typeof reviewBody>;

const replacementsOf = (deviceId: string) => `/devices/${encodeURIComponent(deviceId)}/replacements`;

/** Consumption of counters, what changed of it, and the steps that wait for a person. */
export const consumptionApi = {
  of: (query: Query) => call<ConsumptionAnswer>({ method: 'GET', path: '/consumption', query }),
  changes: (query: Query) =>
    call<Page<ConsumptionChange>>({ method: 'GET', path: '/consumption/changes', query }),
  reviews: (query: Query) => call<Page<Review>>({ method: 'GET', path: '/consumption/reviews', query }),
  decide: (reviewId: string, body: ReviewDecision) =>
    call<Review>({ method: 'POST', path: `/consumption/reviews/${encodeURIComponent(reviewId)}`, body }),
  replacements: (deviceId: string) =>
    call<Page<MeterReplacement>>({ method: 'GET', path: replacementsOf(deviceId) }),
  withdraw: (deviceId: string, replacementId: string, reason: string) =>
    call<MeterReplacement>({
      method: 'POST',
      path: `${replacementsOf(deviceId)}/${encodeURIComponent(replacementId)}/withdraw`,
      body: { reason },
    }),
};
