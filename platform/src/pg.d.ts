declare module 'pg/lib/utils.js' {
  /** How `pg` turns a parameter into the text or bytes it sends: arrays and objects included. */
  export function prepareValue(value: unknown): string | Buffer | null
}
