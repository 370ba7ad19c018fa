import { useQuery } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';

const names = ['database', 'broker', 'dialect', 'spool'] as const;
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
            {names.map((part) => {
              const state = parts[part];
              return state === undefined ? null : (
                <div key={part} style={{ display: 'contents' }}>
                  <dt title={part}>{t(`readiness.part.${part}`)}</dt>
                  <dd title={state}>
                    <span className={state === 'away' || state === 'full' ? 'tag alert' : ''}>
                      {t(`readiness.state.${state}`)}
                    </span>
                  </dd>
                </div>
              );
            })}
          </dl>
          <p className="soft small">{t('system.readinessHint')}</p>
        </Panel>
      )}
    </Loaded>
  );
}
