import { Link } from 'react-router';
import type { OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { formatCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useSaid } from '../../app/said.ts';
import { Age } from '../../components/marks.tsx';

/** Whether a server is connected, in a word. */
export function Connected({ server }: { server: OpcuaServerAnswer }) {
  const t = useWords();
  const word = server.figures === null ? 'unknown' : server.connected ? 'connected' : 'disconnected';
  return <span className={server.connected ? 'tag' : 'tag alert'}>{t(`opcua.status.${word}`)}</span>;
}

/** What its gateway tells: rate, last error, overflow bits, breaks. */
export function Status({ server }: { server: OpcuaServerAnswer }) {
  const t = useWords();
  const said = useSaid();
  const { figures } = server;
  if (figures === null) return null;
  const counted = (key: 'refused' | 'lost' | 'overflows' | 'withoutDevice', count: number) =>
    count === 0 ? null : (
      <span className="tag alert">{t(`opcua.status.${key}`, { count: formatCount(count) })}</span>
    );
  return (
    <>
      {figures.trouble === null ? null : (
        <p className="tag alert wrap-words">{said(figures.troubleSaid, figures.trouble)}</p>
      )}
      <div className="row wrap small num">
        <span>{t('opcua.status.rate', { rate: formatCount(figures.valuesPerSecond) })}</span>
        <span>{t('opcua.status.nodes', { count: formatCount(figures.nodes) })}</span>
        {counted('refused', figures.refusedNodes)}
        {counted('lost', figures.valuesLost)}
        {counted('overflows', figures.overflows)}
        {figures.valuesWaiting === 0 ? null : (
          <span>{t('opcua.status.waiting', { count: formatCount(figures.valuesWaiting) })}</span>
        )}
        {figures.conditions === null ? null : (
          <span>{t('opcua.status.conditions', { count: formatCount(figures.conditions.active) })}</span>
        )}
        {counted('withoutDevice', figures.conditions?.withoutDevice ?? 0)}
        <span className="soft">
          {t('opcua.status.lastSeen')} <Age time={figures.lastSeen} />
        </span>
        <Break figures={figures} />
        <Link to="/gateways">{t('opcua.status.ledger')}</Link>
      </div>
      {figures.refusedFirst.length === 0 ? null : (
        <ul className="plain small mono">
          {figures.refusedFirst.map((refused) => (
            <li key={refused}>{refused}</li>
          ))}
        </ul>
      )}
    </>
  );
}

type Figures = NonNullable<OpcuaServerAnswer['figures']>;

function Break({ figures: { lastBreak, lastHistory } }: { figures: Figures }) {
  const t = useWords();
  if (lastBreak === null) return null;
  const seconds = Math.max(1, Math.round((Date.parse(lastBreak.to) - Date.parse(lastBreak.from)) / 1_000));
  const parts = [
    t('opcua.status.break', { seconds: formatCount(seconds) }),
    t(lastBreak.bridged ? 'opcua.status.bridged' : 'opcua.status.gap'),
    ...(lastHistory === null ? [] : [t('opcua.status.history', { values: formatCount(lastHistory.values) })]),
    ...(lastHistory === null || lastHistory.nodesWithout === 0
      ? []
      : [t('opcua.status.noHistory', { count: formatCount(lastHistory.nodesWithout) })]),
  ];
  return <span className="soft">{parts.join(' · ')}</span>;
}
