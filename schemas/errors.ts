/**
 * The error table: every stable `code` of problem+json (RFC 9457), its HTTP status and its title in both languages.
 * docs/errors.md is proved equal to it by test/house.test.ts.
 */
interface ErrorDefinition {
  readonly status: number;
  readonly en: string;
  readonly zh: string;
}

export const errorTable = {
  'not-authenticated': { status: 401, en: 'Log in first', zh: '请先登录' },
  'bad-credentials': { status: 401, en: 'User name or password is wrong', zh: '用户名或密码错误' },
  'password-change-required': { status: 403, en: 'Choose your own password first', zh: '请先设置自己的密码' },
  forbidden: { status: 403, en: 'Your role may not do this', zh: '当前角色无此权限' },
  'not-found': { status: 404, en: 'Not found', zh: '未找到' },
  conflict: { status: 409, en: 'This is in the way of something that exists', zh: '与现有内容冲突' },
  'already-exists': { status: 409, en: 'This id exists already', zh: '该编号已存在' },
  'in-use': { status: 409, en: 'Something else still depends on this', zh: '仍被其他内容引用' },
  'confirmation-required': {
    status: 409,
    en: 'This cannot be undone; confirm it',
    zh: '此操作不可撤销，请先确认',
  },
  'too-large': { status: 413, en: 'The request is too large', zh: '请求过大' },
  'too-many-values': { status: 413, en: 'The answer would hold too many values', zh: '结果数据量过大' },
  'unsupported-media-type': {
    status: 415,
    en: 'Send JSON, or what the reference names for this route',
    zh: '请使用 JSON 或该接口说明的格式',
  },
  'invalid-request': { status: 422, en: 'The request does not have the expected form', zh: '请求格式不符' },
  'invalid-import': {
    status: 422,
    en: 'The file has errors; nothing was imported',
    zh: '文件有误，未导入任何内容',
  },
  'beyond-horizon': { status: 422, en: 'Raw readings do not reach back that far', zh: '超出原始读数保留期' },
  'too-many-requests': { status: 429, en: 'Too many requests; wait a little', zh: '请求过于频繁，请稍候' },
  internal: { status: 500, en: 'Something went wrong here; it was logged', zh: '服务器内部错误，已记录' },
  overloaded: { status: 503, en: 'Too busy right now; try again shortly', zh: '系统繁忙，请稍后重试' },
  unavailable: { status: 503, en: 'The store is away; try again shortly', zh: '数据库暂不可用，请稍后重试' },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof errorTable;

/** One fault of a request, addressed by JSON pointer; of a file also by line and column, both from 1. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/** An expected failure with a stable code; the API turns it into problem+json. A bug is any other Error. */
export class ParkError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];

  constructor(code: ErrorCode, detail: string, errors: readonly FieldError[] = []) {
    super(detail);
    this.name = 'ParkError';
    this.code = code;
    this.errors = errors;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}
