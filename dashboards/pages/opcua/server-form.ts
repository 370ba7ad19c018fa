import type { OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import type { SavedOpcuaServer } from '#schemas/opcua.ts';
import type { Translate } from '../../app/i18n.ts';
import type { OpcuaServerWrite } from '../../app/opcua-api.ts';

/** The fields of the server form, and what they become. */
export interface ServerFields {
  readonly id: string;
  readonly endpoint: string;
  readonly securityMode: SavedOpcuaServer['securityMode'];
  readonly securityPolicy: SavedOpcuaServer['securityPolicy'];
  readonly login: LoginKind;
  readonly username?: string;
  readonly password?: string;
  readonly userCertificate?: string;
  readonly userKey?: string;
  readonly samplingIntervalMs: number;
  readonly publishingIntervalMs: number;
  readonly trigger: SavedOpcuaServer['trigger'];
  readonly hearsConditions: boolean;
  readonly otherDeviceId?: string | undefined;
}

export const loginKinds = ['anonymous', 'password', 'certificate'] as const;
export type LoginKind = (typeof loginKinds)[number];

const fresh: ServerFields = {
  id: '',
  endpoint: 'opc.tcp://',
  securityMode: 'SignAndEncrypt',
  securityPolicy: 'Basic256Sha256',
  login: 'anonymous',
  samplingIntervalMs: 1_000,
  publishingIntervalMs: 1_000,
  trigger: 'value',
  hearsConditions: false,
};

export function toFields(server: OpcuaServerAnswer | null): ServerFields {
  const settings = server?.settings ?? null;
  if (server === null || settings === null) return fresh;
  const { alarms, username } = settings;
  const hasCertificate = server.secretsSet.includes('userCertificate');
  return {
    ...settings,
    login: username !== undefined ? 'password' : hasCertificate ? 'certificate' : 'anonymous',
    hearsConditions: alarms !== undefined,
    otherDeviceId: alarms?.otherDeviceId,
  } as ServerFields;
}

/** An empty secret stays as it is; those of another login are taken away. Pure. */
export function toWrite(fields: ServerFields, server: OpcuaServerAnswer | null): OpcuaServerWrite {
  const { id, endpoint, securityMode, securityPolicy, login, username } = fields;
  const { samplingIntervalMs, publishingIntervalMs, trigger, otherDeviceId } = fields;
  const before = server?.settings ?? null;
  const { sources = [], notifier } = before?.alarms ?? {};
  return {
    settings: {
      ...(before === null ? {} : { queueSize: before.queueSize, methods: before.methods }),
      id,
      endpoint: endpoint.trim(),
      securityMode,
      securityPolicy,
      samplingIntervalMs,
      publishingIntervalMs,
      trigger,
      ...(login === 'password' ? { username: username?.trim() ?? '' } : {}),
      ...(fields.hearsConditions
        ? {
            alarms: {
              sources,
              ...(notifier === undefined ? {} : { notifier }),
              ...(otherDeviceId === undefined ? {} : { otherDeviceId }),
            },
          }
        : {}),
    },
    secrets: secretsOf(fields, server?.secretsSet ?? []),
  };
}

function secretsOf(
  fields: ServerFields,
  known: OpcuaServerAnswer['secretsSet'],
): NonNullable<OpcuaServerWrite['secrets']> {
  const wanted: Readonly<Record<LoginKind, OpcuaServerAnswer['secretsSet']>> = {
    anonymous: [],
    password: ['password'],
    certificate: ['userCertificate', 'userKey'],
  };
  const ofLogin = wanted[fields.login];
  const given = ofLogin.flatMap((field) => {
    const value = fields[field];
    return value === undefined || value.trim() === '' ? [] : [[field, value] as const];
  });
  const gone = known.filter((field) => !ofLogin.includes(field)).map((field) => [field, null] as const);
  return Object.fromEntries([...given, ...gone]);
}

const samplingMinMs = 50;

/** 0 is each change; between it and the shortest interval is nothing. */
export function samplingRules(t: Translate) {
  const validator = (_: unknown, ms: unknown) =>
    typeof ms === 'number' && ms !== 0 && ms < samplingMinMs
      ? Promise.reject(new Error(t('opcua.samplingRule')))
      : Promise.resolve();
  return [{ validator }];
}
