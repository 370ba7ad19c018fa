import type { RefObject } from 'react';
import { useEffect, useRef } from 'react';

interface FirstField {
  /** Goes around the fields of a dialog. */
  readonly fields: RefObject<HTMLDivElement | null>;
  /** Of the dialog. */
  readonly opening: {
    readonly transitionName: '';
    readonly maskTransitionName: '';
    readonly afterOpenChange: (open: boolean) => void;
  };
}

/**
 * Lets somebody type as soon as a dialog is open. A dialog takes the focus when its transition has ended: it has none, so that
 * nothing typed right after the key that opened it is lost, and hands the focus on to the first field. When it is closed, the
 * focus goes back to where it was: a dialog that is taken away whole would leave it nowhere.
 */
export function useFirstField(): FirstField {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return {
    fields,
    opening: {
      transitionName: '',
      maskTransitionName: '',
      afterOpenChange: (open) => {
        if (open) fields.current?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea')?.focus();
      },
    },
  };
}
