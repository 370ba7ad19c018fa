/** Who may do what. A route or socket event that names none of these serves nobody. */
export const roles = ['viewer', 'operator', 'engineer', 'assessor', 'admin'] as const;
export type Role = (typeof roles)[number];

/**
 * Who a route serves: roles; `public` (no login: the short list of DESIGN §4); `metrics` (a token with scope
 * `metrics`, or loopback); `broker` (an external broker, by the secret of MQTT_HOOK_SECRET_FILE); `self` (anyone logged
 * in, about themselves).
 */
export type Access = 'public' | 'metrics' | 'broker' | 'self' | readonly Role[];

/** Everyone who can log in. */
export const everyone: readonly Role[] = roles;
/** Those who change what the park is made of. */
export const engineers: readonly Role[] = ['engineer', 'admin'];
/** Those who work with alarms. */
export const alarmHandlers: readonly Role[] = ['operator', 'engineer', 'admin'];
/** Those who run and read assessments. */
export const assessors: readonly Role[] = ['assessor', 'engineer', 'admin'];
/** Those who decide inside the ranges that a rubric leaves, and sign. */
export const deciders: readonly Role[] = ['assessor', 'admin'];
export const admins: readonly Role[] = ['admin'];

/** What an API token may be used for; a token acts with its owner's role, narrowed to these. */
export const tokenScopes = ['read', 'write', 'metrics'] as const;
export type TokenScope = (typeof tokenScopes)[number];
