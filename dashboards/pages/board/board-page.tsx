import { useEffect } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Board } from '#schemas/api/board.ts';
import { api } from '../../app/api.ts';
import { useNow } from '../../app/clock.ts';
import { formatSpan, formatTime } from '../../app/format.ts';
import { LanguageSwitch, ModeSwitch } from '../../app/header.tsx';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { boardNumber, groupBoard, oldAfterMs } from './board-data.ts';
import './board.css';

const renewMs = 30_000;

type BoardItem = Board['items'][number];
type BoardValue = BoardItem['values'][number];

function Value({ value, timeZone }: { value: BoardValue; timeZone: string }) {
  const t = useWords();
  const both = useBilingual();
  const present = useNow(10_000);
  const ageMs = present - Date.parse(value.time);
  const old = ageMs > oldAfterMs;
  const { text, unit } = boardNumber(value);
  return (
    <div className={`board-value value ${value.quality} ${old ? 'stale' : ''}`}>
      <span className="board-name">{both(value.name)}</span>
      <span className="num">
        <b>{text}</b>
        <span className="unit">{unit}</span>
      </span>
      <span className="board-note num">
        {old
          ? t('board.stale', { age: formatSpan(t, ageMs) })
          : t('board.asOf', { time: formatTime(Date.parse(value.time), timeZone, 'clock') })}
        {value.quality === 'good' ? '' : ` · ${t(`quality.${value.quality}`)}`}
      </span>
    </div>
  );
}

function Station({ item, timeZone }: { item: BoardItem; timeZone: string }) {
  const t = useWords();
  return (
    <article className="board-station">
      <div className="board-values">
        {item.values.map((value) => (
          <Value key={value.metric} value={value} timeZone={timeZone} />
        ))}
      </div>
      <p className="board-note">
        {t('board.source', { name: item.name, id: item.deviceId })}
        {item.spaceName === null ? '' : ` · ${t('board.place', { place: item.spaceName })}`}
        {' · '}
        {t('board.provenance', { word: t(`provenance.${item.provenance}`) })}
      </p>
    </article>
  );
}

function Notice({ board }: { board: Board }) {
  const t = useWords();
  const foreign = board.items.filter(({ provenance }) => provenance !== 'field');
  if (foreign.length === 0) return null;
  const all = foreign.every(({ provenance }) => provenance === 'simulated');
  return (
    <p className="board-notice" role="note">
      {t(all && foreign.length === board.items.length ? 'board.simulatedNote' : 'board.notFieldNote')}
    </p>
  );
}

/** For everyone, without login: air, water and noise of the park, with time, source and provenance. */
export function BoardPage() {
  const t = useWords();
  const present = useNow();
  const query = useQuery({ queryKey: keys.board, queryFn: api.board, refetchInterval: renewMs });
  useEffect(() => {
    document.title = `${t('board.title')} · ${t('product.name')}`;
  }, [t]);
  return (
    <div className="board">
      <header className="row wrap">
        <h1 className="grow">{t('board.title')}</h1>
        {query.data === undefined ? null : (
          <time className="num board-clock">{formatTime(present, query.data.timeZone)}</time>
        )}
        <LanguageSwitch />
        <ModeSwitch />
        <Link to="/">{t('board.login')}</Link>
      </header>
      <Loaded query={query}>
        {(board) => (
          <>
            <Notice board={board} />
            {board.items.length === 0 ? (
              <EmptyState title={t('board.empty')} hint={t('board.emptyHint')} />
            ) : (
              groupBoard(board).map(({ medium, items }) => (
                <section key={medium}>
                  <h2>{t(`board.${medium}`)}</h2>
                  <div className="board-stations">
                    {items.map((item) => (
                      <Station key={`${medium}/${item.deviceId}`} item={item} timeZone={board.timeZone} />
                    ))}
                  </div>
                </section>
              ))
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
