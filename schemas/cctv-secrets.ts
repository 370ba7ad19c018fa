/**
 * Secrets of a group of cameras, by where they belong: `password` of the group, `token` of its platform,
 * `cameras/{deviceId}` of a single camera. Definitions are JSON as somebody wrote it, which need not be right yet.
 */
export type CctvSecrets = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

/** Takes the secrets out of a definition. Pure. */
export function splitSecrets(definition: Json): { readonly definition: Json; readonly secrets: CctvSecrets } {
  const secrets: Record<string, string> = {};
  const take = (from: Json, field: string, name: string): Json => {
    const { [field]: secret, ...rest } = from;
    if (typeof secret !== 'string') return from;
    secrets[name] = secret;
    return rest;
  };
  const { platform, cameras, ...rest } = take(definition, 'password', 'password');
  const bare: Record<string, unknown> = { ...rest };
  if (platform !== undefined)
    bare['platform'] = isJson(platform) ? take(platform, 'token', 'token') : platform;
  if (Array.isArray(cameras)) {
    bare['cameras'] = cameras.map((camera: unknown) =>
      isJson(camera) ? take(camera, 'password', nameOf(camera)) : camera,
    );
  } else if (cameras !== undefined) bare['cameras'] = cameras;
  return { definition: bare, secrets };
}

/** The definition with its secrets in their places; those whose place is gone are left out. Pure. */
export function joinSecrets(definition: Json, secrets: CctvSecrets): Json {
  const put = (to: Json, field: string, name: string): Json => {
    const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    return secret === undefined || Object.hasOwn(to, field) ? to : { ...to, [field]: secret };
  };
  const { platform, cameras } = definition;
  // A password without a user belongs to nobody any more.
  const putPassword = (to: Json, name: string) =>
    Object.hasOwn(to, 'username') ? put(to, 'password', name) : to;
  return {
    ...putPassword(definition, 'password'),
    ...(isJson(platform)
      ? { platform: Object.hasOwn(platform, 'header') ? put(platform, 'token', 'token') : platform }
      : {}),
    ...(Array.isArray(cameras)
      ? {
          cameras: cameras.map((camera: unknown) =>
            isJson(camera) ? putPassword(camera, nameOf(camera)) : camera,
          ),
        }
      : {}),
  };
}

/**
 * The secrets of a former definition that may go on with a new one: none goes to another address than it was given
 * for, or whoever may change addresses could read it. Pure.
 */
export function keptSecrets(before: Json, after: Json, secrets: CctvSecrets): CctvSecrets {
  const targets = (definition: Json) => {
    const { platform, cameras } = definition;
    const all = new Map<string, string>();
    const platformHost = isJson(platform) ? hostOf(platform['url']) : '';
    all.set('token', platformHost);
    const list = Array.isArray(cameras) ? cameras.filter(isJson) : [];
    const hostsOf = (camera: Json) => ['onvif', 'rtsp', 'recorder'].map((field) => hostOf(camera[field]));
    for (const camera of list) all.set(nameOf(camera), hostsOf(camera).join(' '));
    const shared = list.filter((camera) => !Object.hasOwn(camera, 'username')).flatMap(hostsOf);
    all.set('password', [...new Set([platformHost, ...shared])].toSorted().join(' '));
    return all;
  };
  const [old, now] = [targets(before), targets(after)];
  const isSubset = (name: string) => {
    const known = new Set((old.get(name) ?? '').split(' '));
    return (now.get(name) ?? '').split(' ').every((host) => host === '' || known.has(host));
  };
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => isSubset(name)));
}

function nameOf(camera: Json): string {
  return `cameras/${String(camera['deviceId'])}`;
}

function hostOf(url: unknown): string {
  return typeof url === 'string' && URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : '';
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
