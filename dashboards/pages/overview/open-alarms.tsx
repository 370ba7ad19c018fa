import { Link } from 'react-router';
import { useOpenAlarms } from '../../app/open-alarms.ts';
import { useWords } from '../../app/i18n.ts';
import { useRuleName } from '../../app/rule-name.ts';
import { Age, ProvenanceMark } from '../../components/marks.tsx';
import { Panel } from '../../components/page.tsx';
import { SeverityMark } from '../../components/severity.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';

const most = 12;

/** The alarms that want attention, highest first. */
export function OpenAlarms() {
  const t = useWords();
  const ruleName = useRuleName();
  const query = useOpenAlarms();
  return (
    <Panel title={t('overview.openAlarms')} actions={<Link to="/alarms">{t('overview.allAlarms')}</Link>}>
      <Loaded query={query}>
        {(alarms) =>
          alarms.length === 0 ? (
            <EmptyState title={t('overview.noAlarms')} />
          ) : (
            <div className="lines">
              {alarms.slice(0, most).map((alarm) => (
                <div key={alarm.id} className="row">
                  <SeverityMark severity={alarm.severity} acknowledged={alarm.acknowledged} />
                  <Link className="cut grow" to={`/alarms?alarm=${alarm.id}`}>
                    {ruleName(alarm)} · {alarm.deviceName}
                  </Link>
                  {alarm.provenance === 'field' ? null : <ProvenanceMark provenance={alarm.provenance} />}
                  <span className="soft small">
                    <Age time={alarm.raisedAt} />
                  </span>
                </div>
              ))}
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}
