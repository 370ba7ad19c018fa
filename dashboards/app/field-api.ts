/** Requests of commissioning, typed by the contracts of schemas/api. */
import type { z } from 'zod';
import type {
  credentialCreateAnswer,
  CredentialSecret,
  FieldAccessAnswer,
  FieldCredential,
  FieldGrant,
  FieldPolicy,
} from '#schemas/api/field-access.ts';
import type {
  CameraProbeAnswer,
  CctvGroup,
  cctvGroupBody,
  CctvTestAnswer,
  cctvTestBody,
} from '#schemas/api/cctv.ts';
import type { FieldCommand, fieldCommandBody, FieldCommandsAnswer } from '#schemas/api/field-commands.ts';
import type { IdentityPolicy } from '#schemas/api/identity.ts';
import type { adoptManyBody, FieldTrace } from '#schemas/api/ingest.ts';
import type {
  MappingsAnswer,
  ReadyMadeAnswer,
  ReceivedAnswer,
  SavedMapping,
  TryMappingAnswer,
  TryMappingBody,
} from '#schemas/api/mappings.ts';
import type {
  deviceCreateBody,
  devicePatchBody,
  ImportAnswer,
  Space,
  spaceCreateBody,
  spacePatchBody,
} from '#schemas/api/registry.ts';
import type { AdoptAnswer, DeviceDetail, Page } from './api.ts';
import { call, upload, type Query } from './client.ts';

/** How asking a camera went, as a row of a list. */
export type CameraRow = CameraProbeAnswer & { readonly id: string };

const id = encodeURIComponent;
const get = <T>(path: string, query = {}) => call<T>({ method: 'GET', path, query });
const post = <T>(path: string, body: unknown) => call<T>({ method: 'POST', path, body });
const patch = <T>(path: string, body: unknown) => call<T>({ method: 'PATCH', path, body });
const remove = (path: string) => call<void>({ method: 'DELETE', path });

export const fieldApi = {
  commands: (deviceId: string) => get<FieldCommandsAnswer>(`/devices/${id(deviceId)}/commands`),
  command: (deviceId: string, body: z.input<typeof fieldCommandBody>) =>
    post<FieldCommand>(`/devices/${id(deviceId)}/commands`, body),
  access: (deviceId: string) => get<FieldAccessAnswer>(`/devices/${id(deviceId)}/field-access`),
  changeGrant: (deviceId: string, body: Partial<FieldGrant>) =>
    patch<FieldAccessAnswer>(`/devices/${id(deviceId)}/field-access`, body),
  credentials: () => get<Page<FieldCredential>>('/field-credentials', { limit: 1_000 }),
  createCredentials: (deviceIds: readonly string[]) =>
    post<z.infer<typeof credentialCreateAnswer>>('/field-credentials', { deviceIds }),
  addCertificate: (deviceId: string, subject: string) =>
    post<FieldCredential>('/field-credentials/certificates', { deviceId, subject }),
  rotate: (credentialId: string, overlapS: number) =>
    post<CredentialSecret>(`/field-credentials/${id(credentialId)}/rotate`, { overlapS }),
  revoke: (credentialId: string) => remove(`/field-credentials/${id(credentialId)}`),
  policy: () => get<FieldPolicy>('/field-policy'),
  changePolicy: (body: FieldPolicy) => patch<FieldPolicy>('/field-policy', body),

  trace: (deviceId: string) => get<FieldTrace>(`/devices/${id(deviceId)}/field-trace`),
  createDevice: (body: z.input<typeof deviceCreateBody>) => post<DeviceDetail>('/devices', body),
  changeDevice: (deviceId: string, body: z.input<typeof devicePatchBody>) =>
    patch<DeviceDetail>(`/devices/${id(deviceId)}`, body),
  replace: (
    deviceId: string,
    body: { metric: string; at: string; closing: number; opening: number; reason: string },
  ) => post<unknown>(`/devices/${id(deviceId)}/replacements`, body),
  createSpace: (body: z.input<typeof spaceCreateBody>) => post<Space>('/spaces', body),
  changeSpace: (spaceId: string, body: z.input<typeof spacePatchBody>) =>
    patch<Space>(`/spaces/${id(spaceId)}`, body),
  removeSpace: (spaceId: string) => remove(`/spaces/${id(spaceId)}`),
  adoptMany: (items: z.input<typeof adoptManyBody>['items']) =>
    post<AdoptAnswer>('/discoveries/adopt', { items }),

  import: (file: File, dryRun: boolean) =>
    upload<ImportAnswer>({
      path: '/imports',
      query: { dryRun: String(dryRun) },
      file,
      type: typeOf(file.name),
    }),

  identityPolicy: () => get<IdentityPolicy>('/identity-policy'),
  changeIdentityPolicy: (body: Partial<IdentityPolicy>) => patch<IdentityPolicy>('/identity-policy', body),
  cameras: async (query: Query): Promise<Page<CameraRow>> => {
    const page = await get<Page<CameraProbeAnswer>>('/cctv/cameras', query);
    return { ...page, items: page.items.map((camera) => ({ ...camera, id: camera.deviceId })) };
  },
  cameraGroups: () => get<Page<CctvGroup>>('/cctv/groups'),
  putCameraGroup: (groupId: string, body: z.input<typeof cctvGroupBody>) =>
    call<CctvGroup>({ method: 'PUT', path: `/cctv/groups/${id(groupId)}`, body }),
  testCameraGroup: (groupId: string, body: z.input<typeof cctvTestBody>) =>
    post<CctvTestAnswer>(`/cctv/groups/${id(groupId)}/test`, body),
  removeCameraGroup: (groupId: string) => remove(`/cctv/groups/${id(groupId)}`),

  tryMapping: (body: TryMappingBody) => post<TryMappingAnswer>('/mappings/try', body),
  received: () => get<ReceivedAnswer>('/mappings/received'),
  readyMade: () => get<ReadyMadeAnswer>('/mappings/ready-made'),
  mappings: () => get<MappingsAnswer>('/mappings'),
  mappingVersion: (version: number) => get<SavedMapping>(`/mappings/versions/${version}`),
  saveMappings: (body: { mapping: string; note: string; base: number }) =>
    post<MappingsAnswer>('/mappings', body),
};

const types: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** What the server takes a file for; everything else is read as YAML. */
function typeOf(name: string): string {
  return types[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/yaml';
}

export function exportUrl(format: 'yaml' | 'csv' | 'xlsx', kind = 'devices'): string {
  return `/api/v1/exports/registry?format=${format}&kind=${kind}`;
}

export const fieldKeys = {
  access: ['field-access'],
  cameras: ['cameras'],
  identityPolicy: ['identity-policy'],
  cameraGroups: ['camera-groups'],
  commands: ['field-commands'],
  credentials: ['field-credentials'],
  policy: ['field-policy'],
  trace: ['field-trace'],
  mappings: ['mappings'],
  readyMade: ['ready-made-mappings'],
} as const;
