import { Alert } from 'antd';
import { useWords } from '../app/i18n.ts';
import { useProblemText } from './states.tsx';

/** What a form was refused for, with its code; nothing while there is no error. */
export function Refusal({ error }: { error: Error | null }) {
  const t = useWords();
  const problem = useProblemText();
  if (error === null) return null;
  const { title, detail, code } = problem(error);
  return (
    <Alert
      className="refusal"
      type="error"
      showIcon
      title={title}
      description={[detail, t('error.code', { code })].join(' ')}
    />
  );
}
