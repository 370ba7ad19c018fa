import { Modal } from 'antd';
import { destinations } from './destinations.ts';
import { useWords } from './i18n.ts';

const plain = [
  { keys: ['/'], word: 'search' },
  { keys: ['j', 'k'], word: 'move' },
  { keys: ['Enter'], word: 'open' },
  { keys: ['a'], word: 'acknowledge' },
  { keys: ['c', 'i', 's', 'f', 'o'], word: 'acts' },
  { keys: ['b'], word: 'bulk' },
  { keys: ['Ctrl', 'Enter'], word: 'submit' },
  { keys: ['Esc'], word: 'close' },
  { keys: ['?'], word: 'help' },
] as const;

export function KeyHelp({ onClose }: { onClose: () => void }) {
  const t = useWords();
  return (
    <Modal open title={t('keys.title')} footer={null} onCancel={onClose}>
      <div className="keys">
        {plain.map(({ keys, word }) => (
          <div key={word} style={{ display: 'contents' }}>
            <span className="row">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
            <span>{t(`keys.${word}`)}</span>
          </div>
        ))}
        {destinations.map(({ key, letter }) => (
          <div key={key} style={{ display: 'contents' }}>
            <span className="row">
              <kbd>g</kbd> {t('keys.after')} <kbd>{letter}</kbd>
            </span>
            <span>{t('keys.go', { page: t(`nav.${key}`) })}</span>
          </div>
        ))}
      </div>
    </Modal>
  );
}
