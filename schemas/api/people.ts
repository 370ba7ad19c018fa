import { z } from 'zod';
import { roles, tokenScopes } from '../roles.ts';
import { instantSchema, pageQuery } from './common.ts';

export const usernameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{1,31}$/, 'a user name has 2 to 32 lower-case letters, digits, ".", "_" or "-"');
export const passwordSchema = z.string().min(10, 'a password has at least 10 characters').max(200);

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  createdAt: instantSchema,
  lastLoginAt: instantSchema.nullable(),
  /** When the account ends by itself (assessors come for a time); null for never. */
  expiresAt: instantSchema.nullable(),
});
export type User = z.infer<typeof userSchema>;

/** POST /auth/login */
export const loginBody = z.strictObject({
  username: z.string().min(1).max(64),
  password: z.string().min(1).max(200),
});
export const loginAnswer = z.object({ token: z.string(), expiresAt: instantSchema, user: userSchema });
/** GET /auth/me */
export const meAnswer = z.object({ user: userSchema, parkId: z.string(), timeZone: z.string() });

/** POST /users: the answer carries the one-time password exactly once. */
export const userCreateBody = z.strictObject({
  username: usernameSchema,
  displayName: z.string().min(1).max(100),
  role: z.enum(roles),
  expiresAt: instantSchema.nullable().default(null),
});
export const oneTimePasswordAnswer = z.object({
  user: userSchema,
  oneTimePassword: z.string(),
  expiresAt: instantSchema,
});
/** PATCH /users/{id} */
export const userPatchBody = z.strictObject({
  displayName: z.string().min(1).max(100).optional(),
  role: z.enum(roles).optional(),
  disabled: z.boolean().optional(),
  expiresAt: instantSchema.nullable().optional(),
});
/**
 * POST /users/{id}/password: oneself with `{current, next}`, an admin for somebody else with `{}`, answered by a
 * one-time password.
 */
export const passwordBody = z.strictObject({
  current: z.string().max(200).optional(),
  next: passwordSchema.optional(),
});

/** The one-time password is there when an admin made one for somebody else. */
export const passwordAnswer = oneTimePasswordAnswer.partial({ oneTimePassword: true, expiresAt: true });

/** POST /invitations: an assessor's account that ends by itself. */
export const invitationBody = z.strictObject({
  username: usernameSchema,
  displayName: z.string().trim().min(1).max(100),
  /** When the account ends. */
  expiresAt: instantSchema,
  /** Where the link goes when a channel for e-mail is set up; otherwise it is shown once. */
  email: z.email().max(200).optional(),
});
export const invitationSchema = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  state: z.enum(['waiting', 'accepted', 'ended', 'revoked']),
  invitedBy: z.string(),
  invitedAt: instantSchema,
  linkEndsAt: instantSchema,
  accountEndsAt: instantSchema.nullable(),
  usedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
});
export type Invitation = z.infer<typeof invitationSchema>;
/** `link` is there exactly once, and only when it was not mailed. */
export const invitationAnswer = z.object({
  invitation: invitationSchema,
  mailed: z.boolean(),
  link: z.string().nullable(),
});
/** POST /invitations/accept (public) */
export const invitationAcceptBody = z.strictObject({
  token: z.string().min(1).max(100),
  password: passwordSchema,
});

/** GET /sessions (own; `?user=` for admins), DELETE /sessions/{id} */
export const sessionSchema = z.object({
  id: z.string(),
  userId: z.string(),
  username: z.string(),
  createdAt: instantSchema,
  lastSeenAt: instantSchema,
  expiresAt: instantSchema,
  address: z.string(),
  userAgent: z.string(),
  current: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;

/** GET|POST /tokens, DELETE /tokens/{id} */
export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  scopes: z.array(z.enum(tokenScopes)),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  lastUsedAt: instantSchema.nullable(),
});
export type Token = z.infer<typeof tokenSchema>;
export const tokenCreateBody = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(tokenScopes)).min(1),
  expiresAt: instantSchema,
});
export const tokenCreateAnswer = z.object({ token: tokenSchema, secret: z.string() });

/** GET /audit */
export const auditQuery = z.strictObject({
  ...pageQuery,
  actor: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  object: z.string().max(200).optional(),
});
export const auditEntrySchema = z.object({
  id: z.string(),
  at: instantSchema,
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  reason: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  /** Position in the sealed journal; null until the sealer has taken it. */
  seq: z.number().nullable(),
});
