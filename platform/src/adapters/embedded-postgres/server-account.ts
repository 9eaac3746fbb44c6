import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** An account of the operating system that PostgreSQL runs as. */
export interface ServerAccount {
  readonly uid: number
  readonly gid: number
  readonly name: string
}

/**
 * The account PostgreSQL has to run as, or undefined when that is the one we run as already. PostgreSQL refuses root;
 * for root it is the owner of the existing cluster, else `nobody`, else the first ordinary account of the system.
 */
export function serverAccount(clusterFolder: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = statSync(clusterFolder, { throwIfNoEntry: false })
  const accounts = systemAccounts()
  const account =
    (owner && owner.uid !== 0 && accounts.find(({ uid }) => uid === owner.uid)) ||
    accounts.find(({ name }) => name === 'nobody') ||
    accounts.find(({ uid }) => uid >= 1000)
  if (account && runsAs(account, ['true'])) return account
  throw new EmbeddedPostgresError(
    'no_unprivileged_account',
    account
      ? `PostgreSQL does not run as root, and switching to the account "${account.name}" is not permitted here.`
      : 'PostgreSQL does not run as root, and this system has no ordinary account to run it as.',
    'Start as an ordinary user, or use a PostgreSQL server by setting TENANTRY_DATABASE_URL.',
  )
}

/** True when the account may enter and list the folder, whatever the folders above it, access lists and mounts say. */
export function canEnter(account: ServerAccount, folder: string): boolean {
  return runsAs(account, ['sh', '-c', 'cd -- "$0" && ls >/dev/null', folder])
}

/** True when the command, run as the account, ends with exit code 0. */
export function runsAs(account: ServerAccount, [command = '', ...commandArguments]: readonly string[]): boolean {
  const { uid, gid } = account
  return spawnSync(command, commandArguments, { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0
}

function systemAccounts(): ServerAccount[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 7 && fields[2] !== '0')
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid >= 0)
}
