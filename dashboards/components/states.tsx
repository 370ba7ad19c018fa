import type { ReactNode } from 'react';
import { Button, Spin } from 'antd';
import type { ErrorCode } from '#schemas/errors.ts';
import { errorTable } from '#schemas/errors.ts';
import { ApiProblem, offlineCode } from '../app/client.ts';
import type { Translate } from '../app/i18n.ts';
import { useBilingual, useWords } from '../app/i18n.ts';

export function Loading() {
  const t = useWords();
  return (
    <div className="state-box" role="status">
      <Spin />
      <span>{t('common.loading')}</span>
    </div>
  );
}

interface EmptyStateProps {
  readonly title: string;
  /** What to do next. */
  readonly hint?: string | undefined;
  readonly children?: ReactNode;
}

export function EmptyState({ title, hint, children }: EmptyStateProps) {
  return (
    <div className="state-box">
      <strong>{title}</strong>
      {hint === undefined ? null : <span>{hint}</span>}
      {children}
    </div>
  );
}

/** The sentence and the code of a failure, in the chosen language. */
export function problemText(
  error: unknown,
  words: { t: Translate; both: ReturnType<typeof useBilingual> },
): { title: string; detail: string; code: string } {
  const { t, both } = words;
  if (!(error instanceof ApiProblem)) {
    return { title: t('error.crash'), detail: t('error.crashHint'), code: String(error) };
  }
  const { code, status, message, errors } = error;
  if (code === offlineCode) return { title: t('error.title'), detail: t('error.offline'), code };
  const known = code in errorTable ? errorTable[code as ErrorCode] : undefined;
  const title = known === undefined ? t('error.unknown', { status }) : both(known);
  const detail = code === 'forbidden' ? t('error.forbiddenHint') : message === known?.en ? '' : message;
  const fields = errors.map((field) => `${field.path}: ${field.message}`);
  return { title, detail: [detail, ...fields].filter((text) => text !== '').join('\n'), code };
}

export function useProblemText(): (error: unknown) => ReturnType<typeof problemText> {
  const t = useWords();
  const both = useBilingual();
  return (error) => problemText(error, { t, both });
}

interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: () => unknown;
}

/** A failed read: what happened, its code, and a way to try again. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const t = useWords();
  const { title, detail, code } = useProblemText()(error);
  return (
    <div className="state-box" role="alert">
      <strong>{title}</strong>
      {detail === '' ? null : <span style={{ whiteSpace: 'pre-line' }}>{detail}</span>}
      <span className="mono small">{t('error.code', { code })}</span>
      {onRetry === undefined ? null : <Button onClick={() => void onRetry()}>{t('common.retry')}</Button>}
    </div>
  );
}

interface QueryLike<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => Promise<unknown>;
}

/** Shows what a query holds; loading and failure look the same on every page. */
export function Loaded<T>({ query, children }: { query: QueryLike<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error !== null && query.error !== undefined) {
    return <ErrorState error={query.error} onRetry={query.refetch} />;
  }
  return <Loading />;
}
