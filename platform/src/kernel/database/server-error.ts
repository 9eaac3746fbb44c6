import pg from 'pg'

/** Whether PostgreSQL itself answered with an error: the connection is then in a known state. */
export function isServerError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError
}

/** The five characters of PostgreSQL's appendix A ("Error Codes") or of foundation.sql; undefined for other errors. */
export function sqlState(error: unknown): string | undefined {
  return isServerError(error) ? error.code : undefined
}

/** Whether the server has no room left for what should be written (53100, disk_full): reading goes on. */
export function isDiskFull(error: unknown): boolean {
  return sqlState(error) === '53100'
}

const unavailableStates = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
  '25006', // read_only_sql_transaction: a demoted primary
])
const unavailableSockets = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/** Whether the database could not be reached or left in the middle: nothing is wrong with the request, it may be tried again. */
export function isUnavailable(error: unknown): boolean {
  if (isServerError(error)) {
    // What is fatal ends the connection or does not let it begin: a database that is gone or closed, a changed password.
    if (error.severity === 'FATAL') return true
    return unavailableStates.has(error.code ?? '') || error.code?.startsWith('08') === true
  }
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return (
    unavailableSockets.has(code) ||
    /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/.test(
      error.message,
    )
  )
}
