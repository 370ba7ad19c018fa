import type { Source } from '../../app/api.ts';

interface Term {
  readonly word:
    | 'received'
    | 'accepted'
    | 'rejected'
    | 'undiscovered'
    | 'committed'
    | 'duplicate'
    | 'waiting'
    | 'refused'
    | 'usable'
    | 'acknowledged'
    | 'qos0';
  readonly count: number;
}

/** Sums that must be equal, side by side. */
export interface Equation {
  readonly name: string;
  readonly sides: readonly (readonly Term[])[];
}

export function rejectedTotal({ values }: Pick<Source, 'values'>): number {
  return Object.values(values.rejected).reduce((sum, count) => sum + count, 0);
}

/** By how much the sides differ at most; 0 when the equation holds. */
export function difference({ sides }: Equation): number {
  const sums = sides.map((side) => side.reduce((sum, { count }) => sum + count, 0));
  return Math.max(...sums) - Math.min(...sums);
}

export function holds(equation: Equation): boolean {
  return difference(equation) === 0;
}

/** DESIGN §3: received = accepted + rejected + undiscovered; accepted = committed + duplicate + waiting. */
export function valueEquations(source: Pick<Source, 'values'>): readonly Equation[] {
  const { values } = source;
  const rejected = rejectedTotal(source);
  return [
    {
      name: 'received',
      sides: [
        [{ word: 'received', count: values.received }],
        [
          { word: 'accepted', count: values.accepted },
          { word: 'rejected', count: rejected },
          { word: 'undiscovered', count: values.undiscovered },
        ],
      ],
    },
    {
      name: 'accepted',
      sides: [
        [{ word: 'accepted', count: values.accepted }],
        [
          { word: 'committed', count: values.committed },
          { word: 'duplicate', count: values.duplicate },
          { word: 'waiting', count: values.waiting },
        ],
      ],
    },
  ];
}

/** DESIGN §3: received = refused + usable = acknowledged + waiting + those nobody asked to acknowledge. */
export function packetEquations({ packets }: Pick<Source, 'packets'>): readonly Equation[] {
  return [
    {
      name: 'packets',
      sides: [
        [{ word: 'received', count: packets.received }],
        [
          { word: 'refused', count: packets.refused },
          { word: 'usable', count: packets.usable },
        ],
        [
          { word: 'acknowledged', count: packets.acknowledged },
          { word: 'waiting', count: packets.waiting },
          { word: 'qos0', count: packets.unacknowledged },
        ],
      ],
    },
  ];
}
