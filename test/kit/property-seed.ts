import fc from 'fast-check';

/**
 * Runs before every test file: a property that fails fails again, on every machine. `PROPERTY_SEED=N npm test` searches
 * elsewhere.
 */
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_121) });
