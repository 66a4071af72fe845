/** What scripts may rely on; stands at the end of every help. */
export const exitCodes = `
Exit codes: 0 done · 1 failed, or a file could not be read · 2 environment or medic.yaml must be corrected first`;
