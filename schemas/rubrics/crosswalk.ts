import { z } from 'zod';
import { bilingualSchema } from '../device-class.ts';
import { slugSchema } from '../rubric.ts';
import data from './crosswalk.json' with { type: 'json' };

/** Which evidence serves which items: an item is `<rubric id>/<item id>`, and may stand in several groups. */
const crosswalkSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      id: slugSchema,
      name: bilingualSchema,
      evidence: bilingualSchema,
      items: z.array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/)).min(2),
    }),
  ),
});

export const crosswalk = crosswalkSchema.parse(data).groups;
