import type { RefObject } from 'react';
import { useRef } from 'react';

interface FirstField {
  /** Goes around the fields of a dialog. */
  readonly fields: RefObject<HTMLDivElement | null>;
  /** A dialog takes the focus itself when it has opened; this hands it on to the first field. */
  readonly afterOpenChange: (open: boolean) => void;
}

/** Lets somebody type as soon as a dialog is open. */
export function useFirstField(): FirstField {
  const fields = useRef<HTMLDivElement>(null);
  return {
    fields,
    afterOpenChange: (open) => {
      if (open) fields.current?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea')?.focus();
    },
  };
}
