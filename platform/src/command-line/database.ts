import { prepareServer } from '#kernel/database/prepare'
import { templateOf, urlFor } from '#kernel/database/roles'
import { print } from './output.ts'

/** `tenantry database prepare`: roles, databases and schemas on an outside server; prints the URLs to configure. */
export async function prepare(options: {
  administrator: string
  control: string
  cell: string
  furtherCell?: string
  region: string
  json?: boolean
}): Promise<void> {
  if (!/^postgres(ql)?:\/\/\S+$/.test(options.administrator)) {
    throw new Error(
      `--administrator must be a postgresql:// URL, such as postgresql://postgres:password@db.example.com/postgres`,
    )
  }
  const secret = process.env['TENANTRY_SECRET']
  if (secret === undefined || secret.length < 32) {
    throw new Error(
      "Set TENANTRY_SECRET first (32 characters or more): the roles' passwords follow from it. For example: export TENANTRY_SECRET=$(openssl rand -base64 32)",
    )
  }
  const { administrator, control, cell, furtherCell, region } = options
  await prepareServer({
    administratorUrl: administrator,
    secret,
    ...(furtherCell === undefined ? { controlDatabase: control } : {}),
    cellDatabase: cell,
    templateDatabase: templateOf(cell),
  })
  const at = (role: 'tenantry_serving' | 'tenantry_migrator' | 'tenantry_control', database: string) =>
    urlFor(administrator, { role, secret, database })
  const serving = at('tenantry_serving', cell)
  const migrator = at('tenantry_migrator', cell)
  if (furtherCell !== undefined) {
    const entry = { name: furtherCell, region, databaseUrl: serving, migratorUrl: migrator }
    print(entry, options, (one) => furtherCellText(JSON.stringify(one)))
    return
  }
  const urls = {
    TENANTRY_DATABASE_URL: serving,
    TENANTRY_MIGRATOR_URL: migrator,
    TENANTRY_CONTROL_URL: at('tenantry_control', control),
    TENANTRY_REGION: region,
  }
  print(
    urls,
    options,
    (all) =>
      `Prepared. Keep these secret, set them, then run "npx tenantry migrate up":\n\n${Object.entries(all)
        .map(([name, url]) => `${name}='${url}'`)
        .join('\n')}`,
  )
}

function furtherCellText(entry: string): string {
  return `Prepared. Keep this secret, add it to the list in TENANTRY_CELLS, then run "npx tenantry migrate up":\n\n${entry}`
}
