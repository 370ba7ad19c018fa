import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useWords } from '../app/i18n.ts';

interface PageProps {
  readonly title: string;
  readonly actions?: ReactNode;
  /** Stands beside the title: provenance, status. */
  readonly beside?: ReactNode;
  /** The page fills the window and its list scrolls inside. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, actions, beside, fill, children }: PageProps) {
  const t = useWords();
  useEffect(() => {
    document.title = `${title} · ${t('product.name')}`;
  }, [title, t]);
  return (
    <div className={fill === true ? 'page fill' : 'page'}>
      <div className="page-head">
        <h1>{title}</h1>
        {beside}
        <span className="grow" />
        {actions}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, flush, children }: PanelProps) {
  return (
    <section className={flush === true ? 'panel flush' : 'panel'}>
      {title === undefined && actions === undefined ? null : (
        <div className="panel-head">
          <h2>{title}</h2>
          <span className="grow" />
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}
