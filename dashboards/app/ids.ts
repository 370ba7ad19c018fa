/** Ids of rules, devices and spaces as the contracts write them (schemas/ids.ts, which brings zod along). */
export const idPattern = /^[A-Za-z0-9-][A-Za-z0-9_-]{0,63}$/;
