import { Button } from 'antd';
import { useWords } from '../app/i18n.ts';
import type { Rows } from '../app/pages.ts';

/** Below a short list: how many rows are shown, and a way to the next ones; nothing while one page holds all. */
export function MoreRows<T>({ list }: { list: Rows<T> }) {
  const t = useWords();
  if (list.data === undefined || !list.hasMore) return null;
  return (
    <div className="list-note row">
      <span className="num">{t('common.shownMore', { count: list.data.length })}</span>
      <Button size="small" loading={list.loadingMore} onClick={list.more}>
        {t('common.loadMore')}
      </Button>
    </div>
  );
}
