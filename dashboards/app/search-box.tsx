import { useDeferredValue, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { useNavigate } from 'react-router';
import { useFirstField } from '../components/first-field.ts';
import { api } from './api.ts';
import { destinations } from './destinations.ts';
import { useWords } from './i18n.ts';
import { keys } from './queries.ts';

interface Hit {
  readonly group: 'pages' | 'devices' | 'spaces';
  readonly key: string;
  readonly name: string;
  readonly detail: string;
  readonly path: string;
}

const mostHits = 8;

function useHits(text: string): readonly Hit[] {
  const t = useWords();
  const wanted = text.trim().toLowerCase();
  const devices = useQuery({
    queryKey: [...keys.devices, 'search', wanted],
    queryFn: ({ signal }) => api.devices({ q: wanted, limit: mostHits }, signal),
    enabled: wanted !== '',
  });
  const spaces = useQuery({
    queryKey: keys.spaces,
    queryFn: () => api.spaces({ limit: 1_000 }),
    enabled: wanted !== '',
  });
  const has = (...texts: readonly string[]) => texts.some((each) => each.toLowerCase().includes(wanted));
  const pageHits = destinations
    .map(({ key, path }) => ({ group: 'pages' as const, key, name: t(`nav.${key}`), detail: '', path }))
    .filter(({ name, key }) => has(name, key));
  const deviceHits = (wanted === '' ? [] : (devices.data?.items ?? [])).map((device) => ({
    group: 'devices' as const,
    key: device.id,
    name: device.name,
    detail: [device.id, device.spaceName].filter(Boolean).join(' · '),
    path: `/devices/${device.id}`,
  }));
  const spaceHits = (wanted === '' ? [] : (spaces.data?.items ?? []))
    .filter(({ id, name }) => has(id, name))
    .slice(0, mostHits)
    .map(({ id, name, kind }) => ({
      group: 'spaces' as const,
      key: id,
      name,
      detail: `${t(`spaceKind.${kind}`)} · ${id}`,
      path: `/spaces?space=${id}`,
    }));
  return [...pageHits, ...deviceHits, ...spaceHits];
}

function SearchList({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const hits = useHits(useDeferredValue(text));
  const go = (hit: Hit | undefined) => {
    if (hit === undefined) return;
    onClose();
    void navigate(hit.path);
  };
  const press = (key: string) => {
    if (key === 'ArrowDown') setChosen((index) => Math.min(index + 1, hits.length - 1));
    if (key === 'ArrowUp') setChosen((index) => Math.max(index - 1, 0));
    if (key === 'Enter') go(hits[chosen]);
  };
  return (
    <>
      <Input
        autoFocus
        value={text}
        placeholder={t('search.placeholder')}
        aria-label={t('search.title')}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={(event) => press(event.key)}
      />
      <div className="hits" role="listbox" aria-label={t('search.title')}>
        {hits.map((hit, index) => (
          <div
            key={`${hit.group}/${hit.key}`}
            role="option"
            aria-selected={index === chosen}
            className={index === chosen ? 'hit chosen' : 'hit'}
            onMouseMove={() => setChosen(index)}
            onClick={() => go(hit)}
          >
            <span>{hit.name}</span>
            <span className="soft small cut grow">{hit.detail}</span>
            <span className="tag">{t(`search.${hit.group}`)}</span>
          </div>
        ))}
        {hits.length === 0 ? <p className="soft">{t('search.nothing', { text })}</p> : null}
      </div>
      <p className="soft small">{t('search.hint')}</p>
    </>
  );
}

/** `/`: devices, spaces and pages by name or id. */
export function SearchBox({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const { fields, opening } = useFirstField();
  return (
    <Modal open {...opening} title={t('search.title')} footer={null} onCancel={onClose}>
      <div ref={fields}>
        <SearchList onClose={onClose} />
      </div>
    </Modal>
  );
}
