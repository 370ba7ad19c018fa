import { Tree } from 'antd';
import { Link, useNavigate } from 'react-router';
import { engineers } from '#schemas/roles.ts';
import { spaceTagNames } from '#schemas/space-tags.ts';
import type { Device, Space } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { useFilters } from '../../app/filters.ts';
import { formatLoose } from '../../app/format.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { useClassNames, useSpaces } from '../../app/lookups.ts';
import { usePages } from '../../app/pages.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { ListTable } from '../../components/list-table.tsx';
import { Age, DeviceStatus, ProvenanceMark } from '../../components/marks.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AddRoot, SpaceActs } from './edit-space.tsx';

const pageRows = 500;

function SpaceFacts({ space }: { space: Space }) {
  const t = useWords();
  const nameOf = useBilingual();
  return (
    <div className="row wrap">
      <strong>{space.name}</strong>
      <span className="mono soft">{space.id}</span>
      <span className="tag">{t(`spaceKind.${space.kind}`)}</span>
      {space.role === null ? null : (
        <span className="tag strong">
          {t('spaces.key')}: {space.role}
        </span>
      )}
      {space.tags.map((tag) => (
        <span key={tag} className="tag">
          {nameOf(spaceTagNames[tag])}
        </span>
      ))}
      {space.areaM2 === null ? null : (
        <span className="soft num">{t('spaces.area', { area: formatLoose(space.areaM2, 0) })}</span>
      )}
      <span className="grow" />
      <Link to={`/devices?space=${space.id}`}>{t('spaces.inList')}</Link>
      {useMay(engineers) ? <SpaceActs space={space} /> : null}
    </div>
  );
}

function SpaceDevices({ space }: { space: Space }) {
  const t = useWords();
  const navigate = useNavigate();
  const className = useClassNames();
  const list = usePages<Device>({
    queryKey: keys.devices,
    load: api.devices,
    query: { space: space.id },
    limit: pageRows,
  });
  return (
    <div className="page fill">
      <SpaceFacts space={space} />
      <ListTable
        list={list}
        onOpen={(device) => void navigate(`/devices/${device.id}`)}
        empty={<EmptyState title={t('spaces.noDevices')} />}
        columns={[
          {
            title: t('spaces.devicesHere'),
            key: 'name',
            ellipsis: true,
            render: (_, device) => <Link to={`/devices/${device.id}`}>{device.name}</Link>,
          },
          {
            title: t('common.class'),
            key: 'class',
            width: '18%',
            ellipsis: true,
            render: (_, device) => className(device.class),
          },
          {
            title: t('devices.space'),
            key: 'space',
            width: '18%',
            ellipsis: true,
            render: (_, device) => device.spaceName ?? '—',
          },
          {
            title: t('status.title'),
            key: 'status',
            width: '12%',
            render: (_, device) => <DeviceStatus device={device} />,
          },
          {
            title: t('devices.lastSeen'),
            key: 'lastSeen',
            width: '14%',
            render: (_, device) => <Age time={device.lastSeen} />,
          },
          {
            title: t('provenance.title'),
            key: 'provenance',
            width: '12%',
            render: (_, device) => <ProvenanceMark provenance={device.provenance} />,
          },
        ]}
      />
    </div>
  );
}

/** The tree of the park, and what stands in the chosen part of it. */
export function SpacesPage() {
  const t = useWords();
  const query = useSpaces();
  const mayEdit = useMay(engineers);
  const { values, set } = useFilters(['space'] as const);
  return (
    <Page fill title={t('spaces.title')}>
      <Loaded query={query}>
        {({ items }) => {
          const chosen = items.find(({ id }) => id === values.space) ?? spaceTree(items)[0]?.space;
          return items.length === 0 || chosen === undefined ? (
            <EmptyState title={t('spaces.empty')} hint={t('spaces.emptyHint')}>
              {mayEdit ? <AddRoot /> : null}
            </EmptyState>
          ) : (
            <div className="split tree-left">
              <div className="tree-panel">
                <Panel title={t('spaces.tree')}>
                  <Tree
                    blockNode
                    defaultExpandAll
                    selectedKeys={[chosen.id]}
                    treeData={spaceTree(items)}
                    titleRender={(node) => (
                      <span className="row">
                        {node.title}
                        <span className="soft small">{t(`spaceKind.${node.space.kind}`)}</span>
                      </span>
                    )}
                    onSelect={([key]) => key !== undefined && set({ space: String(key) })}
                  />
                </Panel>
              </div>
              <SpaceDevices key={chosen.id} space={chosen} />
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
