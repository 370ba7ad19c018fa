/** Requests about OPC UA servers, typed by the contracts of schemas/api/opcua.ts. */
import type { z } from 'zod';
import type {
  opcuaServerWriteBody,
  opcuaTestBody,
  OpcuaBrowseAnswer,
  OpcuaCertificate,
  OpcuaCertificatesAnswer,
  OpcuaServerAnswer,
  OpcuaTestAnswer,
} from '#schemas/api/opcua.ts';
import type { OpcuaNode } from '#schemas/opcua.ts';
import type { Page } from './api.ts';
import { call } from './client.ts';

const id = encodeURIComponent;
const get = <T>(path: string, query = {}) => call<T>({ method: 'GET', path, query });
const post = <T>(path: string, body: unknown) => call<T>({ method: 'POST', path, body });

export type OpcuaServerWrite = z.input<typeof opcuaServerWriteBody>;

export const opcuaApi = {
  servers: () => get<Page<OpcuaServerAnswer>>('/opcua/servers'),
  server: (serverId: string) => get<OpcuaServerAnswer>(`/opcua/servers/${id(serverId)}`),
  add: (body: OpcuaServerWrite) => post<OpcuaServerAnswer>('/opcua/servers', body),
  change: (serverId: string, body: OpcuaServerWrite) =>
    call<OpcuaServerAnswer>({ method: 'PUT', path: `/opcua/servers/${id(serverId)}`, body }),
  remove: (serverId: string) => call<void>({ method: 'DELETE', path: `/opcua/servers/${id(serverId)}` }),
  test: (body: z.input<typeof opcuaTestBody>) => post<OpcuaTestAnswer>('/opcua/test', body),
  browse: (serverId: string, body: { nodeId?: string; cursor?: string }) =>
    post<OpcuaBrowseAnswer>(`/opcua/servers/${id(serverId)}/browse`, body),
  nodes: (serverId: string, query: { search?: string; cursor?: string; limit?: number }) =>
    get<Page<OpcuaNode>>(`/opcua/servers/${id(serverId)}/nodes`, query),
  map: (serverId: string, nodes: readonly OpcuaNode[]) =>
    post<OpcuaServerAnswer>(`/opcua/servers/${id(serverId)}/nodes`, { nodes }),
  unmap: (serverId: string, points: readonly { deviceId: string; metric: string }[]) =>
    post<OpcuaServerAnswer>(`/opcua/servers/${id(serverId)}/nodes/remove`, { points }),
  certificates: () => get<OpcuaCertificatesAnswer>('/opcua/certificates'),
  trust: (fingerprint: string, body: { trusted: boolean; reason: string }) =>
    post<OpcuaCertificate>(`/opcua/certificates/${id(fingerprint)}/trust`, body),
};

export const opcuaKeys = {
  servers: ['opcua-servers'],
  nodes: ['opcua-nodes'],
  browse: ['opcua-browse'],
  certificates: ['opcua-certificates'],
} as const;
