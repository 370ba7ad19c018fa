import { useState } from 'react';
import { DownloadOutlined, UploadOutlined } from '@ant-design/icons';
import type { TableColumnsType } from 'antd';
import { Button, Dropdown, Input, Select, TreeSelect } from 'antd';
import { Link, useNavigate } from 'react-router';
import { lifecycles } from '#schemas/registry.ts';
import { engineers } from '#schemas/roles.ts';
import type { Device } from '../../app/api.ts';
import { api } from '../../app/api.ts';
import { downloadCsv } from '../../app/download.ts';
import { exportUrl } from '../../app/field-api.ts';
import { useFilters } from '../../app/filters.ts';
import { collator } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useClassNames, useDeviceClasses, useSpaces } from '../../app/lookups.ts';
import { usePages } from '../../app/pages.ts';
import { usePreferences } from '../../app/preferences.ts';
import { keys } from '../../app/queries.ts';
import { useMay } from '../../app/session.ts';
import { spaceTree } from '../../app/space-tree.ts';
import { ListTable } from '../../components/list-table.tsx';
import { Age, DeviceStatus, ProvenanceMark } from '../../components/marks.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState } from '../../components/states.tsx';
import { AddDevice } from '../device/edit-device.tsx';

const names = ['q', 'class', 'space', 'status', 'lifecycle'] as const;
const statuses = ['online', 'offline', 'silent'] as const;
const renewMs = 15_000;
const pageRows = 500;

function Filters({ filters }: { filters: ReturnType<typeof useFilters<(typeof names)[number]>> }) {
  const t = useWords();
  const className = useClassNames();
  const classes = useDeviceClasses().data?.items ?? [];
  const spaces = useSpaces().data?.items ?? [];
  const { values, set } = filters;
  return (
    <div className="filters">
      <Input.Search
        key={values.q}
        allowClear
        defaultValue={values.q}
        placeholder={t('devices.searchHint')}
        aria-label={t('common.search')}
        style={{ width: '15.7em' }}
        onSearch={(q) => set({ q: q.trim() })}
      />
      <Select
        allowClear
        aria-label={t('common.class')}
        placeholder={t('devices.anyClass')}
        style={{ width: '12.1em' }}
        value={values.class === '' ? null : values.class}
        options={classes.map(({ id, deviceCount }) => ({
          value: id,
          label: `${className(id)} (${deviceCount})`,
        }))}
        onChange={(chosen) => set({ class: chosen })}
      />
      <TreeSelect
        allowClear
        showSearch
        aria-label={t('devices.space')}
        placeholder={t('devices.anySpace')}
        style={{ width: '14.3em' }}
        value={values.space === '' ? null : values.space}
        treeData={spaceTree(spaces)}
        treeNodeFilterProp="title"
        treeDefaultExpandAll
        onChange={(chosen) => set({ space: chosen })}
      />
      <Select
        allowClear
        aria-label={t('status.title')}
        placeholder={t('devices.anyStatus')}
        style={{ width: '9.3em' }}
        value={values.status === '' ? null : values.status}
        options={statuses.map((each) => ({ value: each, label: t(`status.${each}`) }))}
        onChange={(chosen) => set({ status: chosen })}
      />
      <Select
        allowClear
        aria-label={t('lifecycle.title')}
        placeholder={t('devices.anyLifecycle')}
        style={{ width: '10.7em' }}
        value={values.lifecycle === '' ? null : values.lifecycle}
        options={lifecycles.map((each) => ({ value: each, label: t(`lifecycle.${each}`) }))}
        onChange={(chosen) => set({ lifecycle: chosen })}
      />
      {filters.any ? <Button onClick={filters.reset}>{t('common.reset')}</Button> : null}
    </div>
  );
}

/** Rows can be sorted here only when all of them are here; else the order is the server's. */
function useColumns(complete: boolean): TableColumnsType<Device> {
  const t = useWords();
  const className = useClassNames();
  const { compare } = collator(usePreferences((preferences) => preferences.language));
  const by = (text: (device: Device) => string) =>
    complete ? { sorter: (a: Device, b: Device) => compare(text(a), text(b)) } : {};
  return [
    {
      title: t('common.name'),
      key: 'name',
      ellipsis: true,
      render: (_, device) => <Link to={`/devices/${device.id}`}>{device.name}</Link>,
      ...by((device) => device.name),
    },
    {
      title: t('common.id'),
      key: 'id',
      width: '17%',
      ellipsis: true,
      render: (_, device) => <span className="mono">{device.id}</span>,
      ...by((device) => device.id),
    },
    {
      title: t('common.class'),
      key: 'class',
      width: '12%',
      ellipsis: true,
      render: (_, device) => className(device.class),
      ...by((device) => className(device.class)),
    },
    {
      title: t('devices.space'),
      key: 'space',
      width: '16%',
      ellipsis: true,
      render: (_, device) =>
        device.spaceName === null ? (
          '—'
        ) : (
          <Link to={`/spaces?space=${device.spaceId}`}>{device.spaceName}</Link>
        ),
      ...by((device) => device.spaceName ?? ''),
    },
    {
      title: t('status.title'),
      key: 'status',
      width: '9%',
      render: (_, device) => <DeviceStatus device={device} />,
      ...by((device) => device.connection ?? ''),
    },
    {
      title: t('devices.lastSeen'),
      key: 'lastSeen',
      width: '11%',
      render: (_, device) => <Age time={device.lastSeen} />,
      ...by((device) => device.lastSeen ?? ''),
    },
    {
      title: t('lifecycle.title'),
      key: 'lifecycle',
      width: '9%',
      render: (_, device) => t(`lifecycle.${device.lifecycle}`),
      ...by((device) => device.lifecycle),
    },
    {
      title: t('provenance.title'),
      key: 'provenance',
      width: '9%',
      render: (_, device) => <ProvenanceMark provenance={device.provenance} />,
      ...by((device) => device.provenance),
    },
  ];
}

/** New devices: one by a form, many by a file, and the file to begin with. */
function Commission() {
  const t = useWords();
  const [adding, setAdding] = useState(false);
  const exports = (['xlsx', 'csv', 'yaml'] as const).map((format) => ({
    key: format,
    label: <a href={exportUrl(format)}>{t(`import.${format}`)}</a>,
  }));
  return (
    <>
      <Button onClick={() => setAdding(true)}>{t('deviceEdit.add')}</Button>
      <Link to="/devices/import">
        <Button icon={<UploadOutlined />}>{t('import.open')}</Button>
      </Link>
      <Dropdown menu={{ items: exports }}>
        <Button>{t('import.exportMenu')}</Button>
      </Dropdown>
      {adding ? <AddDevice onClose={() => setAdding(false)} /> : null}
    </>
  );
}

export function DevicesPage() {
  const t = useWords();
  const mayEdit = useMay(engineers);
  const navigate = useNavigate();
  const filters = useFilters(names);
  const list = usePages<Device>({
    queryKey: keys.devices,
    load: api.devices,
    query: filters.values,
    limit: pageRows,
    refetchIntervalMs: renewMs,
  });
  const columns = useColumns(!list.hasMore);
  const save = () =>
    downloadCsv('devices', [
      ['id', 'name', 'class', 'spaceId', 'spaceName', 'lifecycle', 'provenance', 'connection', 'lastSeen'],
      ...(list.data ?? []).map((each) => [
        each.id,
        each.name,
        each.class,
        each.spaceId,
        each.spaceName,
        each.lifecycle,
        each.provenance,
        each.connection,
        each.lastSeen,
      ]),
    ]);
  return (
    <Page
      fill
      title={t('devices.title')}
      actions={
        <span className="row">
          {mayEdit ? <Commission /> : null}
          <Button icon={<DownloadOutlined />} onClick={save}>
            {t('common.download')}
          </Button>
        </span>
      }
    >
      <Filters filters={filters} />
      <ListTable
        list={list}
        columns={columns}
        steady
        onOpen={(device) => void navigate(`/devices/${device.id}`)}
        empty={<EmptyState title={t('devices.empty')} hint={t('devices.emptyHint')} />}
      />
    </Page>
  );
}
