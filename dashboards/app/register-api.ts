/** Requests of registers, attachments and claims, typed by the contracts of schemas/api. */
import type { z } from 'zod';
import type { Attachment } from '#schemas/api/attachments.ts';
import type { Claim, claimBody, ClaimForm } from '#schemas/api/claims.ts';
import type {
  AmendBody,
  recordBody,
  RecordDetail,
  RecordRow,
  RegisterImportAnswer,
  RegisterRecord,
  RegisterSummary,
} from '#schemas/api/registers.ts';
import type { Page } from './api.ts';
import { call, upload, type Query } from './client.ts';

/** A record as a row of a list. */
export type RecordListRow = RegisterRecord & { readonly id: string };

const id = encodeURIComponent;
const get = <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
  call<T>({ method: 'GET', path, query, signal });
const post = <T>(path: string, body: unknown) => call<T>({ method: 'POST', path, body });
const recordPath = (kind: string, code: string) => `/registers/${id(kind)}/${id(code)}`;

export const registerApi = {
  registers: () => get<Page<RegisterSummary>>('/registers'),
  records: async (query: Query, signal?: AbortSignal): Promise<Page<RecordListRow>> => {
    const { kind, ...rest } = query;
    const page = await get<Page<RegisterRecord>>(`/registers/${id(String(kind))}`, rest, signal);
    return { ...page, items: page.items.map((record) => ({ ...record, id: record.code })) };
  },
  record: (kind: string, code: string) => get<RecordDetail>(recordPath(kind, code)),
  history: (kind: string, code: string) =>
    get<Page<RecordRow>>(`${recordPath(kind, code)}/history`, { limit: 100 }),
  create: (kind: string, body: z.input<typeof recordBody>) =>
    post<RecordDetail>(`/registers/${id(kind)}`, body),
  amend: (kind: string, code: string, body: AmendBody) =>
    call<RecordDetail>({ method: 'PATCH', path: recordPath(kind, code), body }),
  review: (kind: string, code: string, version: number) =>
    post<RecordDetail>(`${recordPath(kind, code)}/review`, { version }),
  withdraw: (kind: string, code: string, body: { version: number; reason: string }) =>
    post<void>(`${recordPath(kind, code)}/withdraw`, body),
  import: (kind: string, file: File, dryRun: boolean) =>
    upload<RegisterImportAnswer>({
      path: `/imports/registers/${id(kind)}`,
      query: { dryRun: String(dryRun) },
      file,
      type: file.name.toLowerCase().endsWith('.csv')
        ? 'text/csv'
        : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    }),
  attach: (file: File) =>
    upload<Attachment>({
      path: '/attachments',
      query: { name: file.name },
      file,
      type: 'application/octet-stream',
    }),
  claims: (query: Query, signal?: AbortSignal) => get<Page<Claim>>('/claims', query, signal),
  claimForm: (rubric: string, item: string) => get<ClaimForm>('/claims/form', { rubric, item }),
  claim: (body: z.input<typeof claimBody>) => post<Claim>('/claims', body),
  approve: (claimId: string) => post<Claim>(`/claims/${id(claimId)}/approve`, {}),
  refuse: (claimId: string, reason: string) => post<Claim>(`/claims/${id(claimId)}/refuse`, { reason }),
  withdrawClaim: (claimId: string, reason: string) =>
    post<Claim>(`/claims/${id(claimId)}/withdraw`, { reason }),
};

export const recordExportUrl = (kind: string, format: 'csv' | 'xlsx', lang: 'zh' | 'en'): string =>
  `/api/v1/exports/registers/${id(kind)}?format=${format}&lang=${lang}`;

export const attachmentUrl = (sha256: string): string => `/api/v1/attachments/${sha256}`;
