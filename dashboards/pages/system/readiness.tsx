import { useQuery } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';

const renewMs = 5_000;

export function ReadinessPanel() {
  const t = useWords();
  const query = useQuery({ queryKey: ['readiness'], queryFn: api.readiness, refetchInterval: renewMs });
  return (
    <Loaded query={query}>
      {({ ready, parts }) => (
        <Panel
          title={
            <span className={ready ? 'tag strong' : 'tag alert'}>
              {ready ? '✓' : '✕'} {t(ready ? 'system.ready' : 'system.notReady')}
            </span>
          }
        >
          <dl className="facts">
            {Object.entries(parts).map(([part, state]) => (
              <div key={part} style={{ display: 'contents' }}>
                <dt className="mono">{part}</dt>
                <dd>
                  <span className={state === 'away' ? 'tag alert' : 'mono'}>{state}</span>
                </dd>
              </div>
            ))}
          </dl>
          <p className="soft small">{t('system.readinessHint')}</p>
        </Panel>
      )}
    </Loaded>
  );
}
