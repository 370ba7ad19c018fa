import { Link } from 'react-router';
import { useWords } from '../../app/i18n.ts';
import { useSession } from '../../app/session.ts';
import { Panel } from '../../components/page.tsx';

export function About() {
  const t = useWords();
  const { parkId, timeZone } = useSession();
  return (
    <Panel title={t('product.name')}>
      <p>{t('system.aboutText')}</p>
      <dl className="facts">
        <dt>{t('system.parkId')}</dt>
        <dd className="mono">{parkId}</dd>
        <dt>{t('system.timeZone')}</dt>
        <dd className="mono">{timeZone}</dd>
      </dl>
      <p>{t('system.license')}</p>
      <p className="row wrap">
        <a href="/docs">{t('system.docs')}</a>
        <a href="/openapi.json">{t('system.openapi')}</a>
        <a href="/api/v1/evidence/heads">{t('system.heads')}</a>
        <Link to="/board">{t('nav.board')}</Link>
      </p>
    </Panel>
  );
}
