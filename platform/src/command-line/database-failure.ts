import { isUnavailable, sqlState } from '#kernel/database/server-error'

/** What an error of PostgreSQL says, and what mends it; undefined for errors that nobody at a command line can mend. */
export function databaseFailure(error: unknown): { cause: string; remedy: string } | undefined {
  const start = 'Start PostgreSQL, or correct its URL: npx tenantry doctor looks at all of them.'
  const remedy = remedies[sqlState(error) ?? ''] ?? (isUnavailable(error) ? start : undefined)
  return remedy === undefined ? undefined : { cause: causeOf(error as Error & { errors?: Error[] }), remedy }
}

/** By the codes of PostgreSQL's appendix A, "Error Codes". */
const remedies: Readonly<Record<string, string>> = {
  '28P01':
    "Correct the password in the URL. Those of the platform's own roles follow from TENANTRY_SECRET and are set by npx tenantry database prepare.",
  '28000': "Let this role connect, in the server's pg_hba.conf or the console of its service.",
  '3D000': 'Name a database that exists. npx tenantry database prepare makes those of the platform.',
  '42501': 'Use the URL of somebody who may create roles and databases, with npx tenantry database prepare.',
}

/** Where a name has several addresses, each was tried, and the error of the whole has no text. */
function causeOf({ message, errors = [] }: Error & { errors?: Error[] }): string {
  return message || errors.map((each) => each.message).join(', ')
}
