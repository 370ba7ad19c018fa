import type { BoardFigureValue } from '#schemas/api/class-board.ts';
import { useBilingual, useWords } from '../../app/i18n.ts';
import { Panel } from '../../components/page.tsx';
import { Quantity } from '../../components/quantity.tsx';
import { SeverityMark } from '../../components/severity.tsx';

/** The figures at the head of a board; what is not normal has its mark. */
export function BoardFigures({ figures }: { figures: readonly BoardFigureValue[] }) {
  const t = useWords();
  const both = useBilingual();
  return (
    <div className="figures narrow">
      {figures.map((figure) => (
        <Panel key={`${figure.stat} ${figure.metric ?? ''} ${figure.name.en}`} title={both(figure.name)}>
          <div className="figure" data-figure={`${figure.stat}:${figure.metric ?? ''}`}>
            <div className="big value">
              {figure.severity === null ? null : <SeverityMark severity={figure.severity} wordless />}{' '}
              {figure.value === null ? (
                t('common.noData')
              ) : (
                <Quantity value={figure.value} unit={figure.unit} decimals={figure.decimals} />
              )}
            </div>
            <span className="soft small num">{t('boards.of', { known: figure.known, of: figure.of })}</span>
          </div>
        </Panel>
      ))}
    </div>
  );
}
