import type { ReactNode } from 'react';
import { LanguageSwitch, ModeSwitch } from '../../app/header.tsx';
import { useWords } from '../../app/i18n.ts';

/** The one panel of a page for who is not logged in: the product's name, language and light or dark above it. */
export function LoginPanel({ children }: { children: ReactNode }) {
  const t = useWords();
  return (
    <div className="login">
      <div className="panel">
        <div className="row" style={{ marginBottom: 24 }}>
          <span className="brand grow">
            <img src="/icon.svg" alt="" />
            {t('product.name')}
          </span>
          <LanguageSwitch />
          <ModeSwitch />
        </div>
        {children}
      </div>
    </div>
  );
}
