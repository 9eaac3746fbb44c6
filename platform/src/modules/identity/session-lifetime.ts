/** A session that is not used for this long ends; use lengthens it, at most once in `refreshAfterMs`. */
export const idleMs = 7 * 24 * 3_600_000
/** No session lives longer, however much it is used. */
export const lifetimeMs = 30 * 24 * 3_600_000
export const refreshAfterMs = 24 * 3_600_000
