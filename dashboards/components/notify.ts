import { App } from 'antd';
import { useWords } from '../app/i18n.ts';
import { useProblemText } from './states.tsx';

interface Notify {
  readonly done: (sentence: string) => void;
  readonly failed: (error: unknown) => void;
}

/** Says briefly that something was done, or why it was not, with its code. */
export function useNotify(): Notify {
  const t = useWords();
  const problem = useProblemText();
  const { message, notification } = App.useApp();
  return {
    done: (sentence) => void message.success(sentence),
    failed: (error) => {
      const { title, detail, code } = problem(error);
      notification.error({
        title,
        description: [detail, t('error.code', { code })].filter((text) => text !== '').join('\n'),
        duration: 0,
      });
    },
  };
}
