/** Requests of invitations, typed by the contracts of schemas/api. */
import type { z } from 'zod';
import type {
  Invitation,
  invitationAcceptBody,
  invitationAnswer,
  invitationBody,
} from '#schemas/api/people.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';

export type InvitationAnswer = z.infer<typeof invitationAnswer>;

export const invitationApi = {
  list: () => call<Page<Invitation>>({ method: 'GET', path: '/invitations' }),
  invite: (body: z.input<typeof invitationBody>) =>
    call<InvitationAnswer>({ method: 'POST', path: '/invitations', body }),
  revoke: (invitationId: string) =>
    call<void>({ method: 'DELETE', path: `/invitations/${encodeURIComponent(invitationId)}` }),
  accept: (body: z.input<typeof invitationAcceptBody>) =>
    call<{ readonly username: string }>({ method: 'POST', path: '/invitations/accept', body }),
};
