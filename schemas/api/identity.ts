import { z } from 'zod';

/**
 * What becomes of a card number, a name, a plate in an event before it is stored. `hash`: a pseudonym, the same for the
 * same person, which only this park's key can make; `mask`: two characters at most are left; `keep`: as it came, shown
 * to those whose work needs it.
 */
export const identityModes = ['hash', 'mask', 'keep'] as const;
export type IdentityMode = (typeof identityModes)[number];

/** GET, PATCH /identity-policy */
export const identityPolicySchema = z.strictObject({
  mode: z.enum(identityModes),
  /** Days after which events name nobody any more: what is left of identities then is masked. */
  keepDays: z.int().min(1).max(3_660),
});
export type IdentityPolicy = z.infer<typeof identityPolicySchema>;
export const identityPatch = identityPolicySchema.partial();

/** POST /identity-policy/pseudonym: under which pseudonym events of somebody stand, e.g. of a lost card. */
export const pseudonymBody = z.strictObject({
  value: z.string().min(1).max(200),
  reason: z.string().min(1).max(500),
});
export const pseudonymAnswer = z.object({ pseudonym: z.string() });
