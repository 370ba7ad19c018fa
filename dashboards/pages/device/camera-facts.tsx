import { useQuery } from '@tanstack/react-query';
import { fieldApi, fieldKeys } from '../../app/field-api.ts';
import { useWords } from '../../app/i18n.ts';
import { Age } from '../../components/marks.tsx';
import { MakerLine } from '../gateways/cameras.tsx';

const renewMs = 15_000;

/** Who made a camera, and how asking it went last; nothing for one that is not asked. */
export function CameraFacts({ deviceId }: { readonly deviceId: string }) {
  const t = useWords();
  const query = useQuery({
    queryKey: [...fieldKeys.cameras, 'device', deviceId],
    queryFn: () => fieldApi.cameras({ device: deviceId, limit: 1 }),
    refetchInterval: renewMs,
  });
  const camera = query.data?.items[0];
  if (camera === undefined) return null;
  return (
    <>
      <dt>{t('cameras.model')}</dt>
      <dd>
        <MakerLine camera={camera} />
      </dd>
      <dt>{t('cameras.asked')}</dt>
      <dd>
        {t(camera.answers ? 'cameras.answers' : 'cameras.silent')} · <Age time={camera.askedAt} />
        {camera.troubles.length === 0 ? null : <div className="soft small">{camera.troubles.join('; ')}</div>}
      </dd>
    </>
  );
}
