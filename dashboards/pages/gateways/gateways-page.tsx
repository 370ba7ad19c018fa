import { useQuery } from '@tanstack/react-query';
import { engineers } from '#schemas/roles.ts';
import type { Page as Listed } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { consumptionApi } from '../../app/consumption-api.ts';
import { useWords } from '../../app/i18n.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { Page } from '../../components/page.tsx';
import { UrlTabs } from '../../components/url-tabs.tsx';
import { Reviews } from '../reviews/reviews.tsx';
import { Mappings } from '../mappings/mappings.tsx';
import { OpcUa } from '../opcua/opcua.tsx';
import { Cameras } from './cameras.tsx';
import { Credentials } from './credentials.tsx';
import { Discoveries } from './discoveries.tsx';
import { LateBook } from './late-book.tsx';
import { Rejections } from './rejections.tsx';
import { Sources } from './sources.tsx';

const renewMs = 15_000;
/** Cases beyond so many are told as a plus. */
const mostCounted = 99;

/** How many wait, as the end of a tab's name; nothing where none does. */
function counted(page: Listed<unknown> | undefined): string {
  if (page === undefined || page.items.length === 0) return '';
  return ` (${page.items.length}${page.nextCursor === null ? '' : '+'})`;
}

/** How the field reaches us: what came, what was refused and why, what waits to be adopted. */
export function GatewaysPage() {
  const t = useWords();
  const discoveries = useQuery({
    queryKey: [...keys.discoveries, 'waiting'],
    queryFn: () => api.discoveries({ limit: mostCounted }),
    refetchInterval: renewMs,
  });
  const count = counted(discoveries.data);
  const waiting = useQuery({
    queryKey: ['consumption', 'reviews', 'waiting'],
    queryFn: () => consumptionApi.reviews({ state: 'open', limit: mostCounted }),
    refetchInterval: renewMs,
  });
  const cases = counted(waiting.data);
  return (
    <Page fill title={t('gateways.title')}>
      <UrlTabs
        tabs={[
          { key: 'sources', label: t('gateways.sources'), children: <Sources /> },
          { key: 'rejections', label: t('gateways.rejections'), children: <Rejections /> },
          { key: 'late', label: t('lateBook.title'), children: <LateBook /> },
          {
            key: 'reviews',
            label: `${t('reviews.title')}${cases}`,
            children: <Reviews />,
          },
          {
            key: 'discoveries',
            label: `${t('gateways.discoveries')}${count}`,
            children: <Discoveries />,
          },
          { key: 'cameras', label: t('cameras.title'), children: <Cameras /> },
          ...(useMay(engineers)
            ? [
                { key: 'credentials', label: t('fieldAccess.policyTitle'), children: <Credentials /> },
                { key: 'opcua', label: t('opcua.title'), children: <OpcUa /> },
                { key: 'mappings', label: t('mappings.title'), children: <Mappings /> },
              ]
            : []),
        ]}
      />
    </Page>
  );
}
