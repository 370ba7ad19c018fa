import type { ReactNode } from 'react';
import type { UseMutationResult } from '@tanstack/react-query';
import { Button } from 'antd';
import { useWords } from '../app/i18n.ts';
import { Refusal } from './refusal.tsx';

/** Tries what a form says as it stands there; `show` tells what came back. Nothing is saved. */
export function FormTest<T>({
  test,
  show,
}: {
  test: UseMutationResult<T, unknown, void>;
  show: (answer: T) => ReactNode;
}) {
  const t = useWords();
  // What the form itself finds wrong is told at its fields.
  const error = test.error instanceof Error ? test.error : null;
  return (
    <div className="stack">
      <div className="row">
        <Button loading={test.isPending} onClick={() => test.mutate()}>
          {t(test.isPending ? 'opcua.testing' : 'opcua.test')}
        </Button>
      </div>
      <Refusal error={error} />
      {test.data === undefined || test.isPending ? null : show(test.data)}
    </div>
  );
}
