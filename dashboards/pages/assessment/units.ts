import { rubricUnits } from '#schemas/rubric-units.ts';
import { unitSign } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';

/** The sign of a unit that rubrics count in; of another its own. */
export function useUnit(): (unit: string) => string {
  const t = useWords();
  return (unit) => {
    const known = rubricUnits.find((each) => each === unit);
    return known === undefined ? unitSign(unit) : t(`assessment.unit.${known}`);
  };
}
