import { prepareServer } from '#kernel/database/prepare'
import { templateOf, urlFor } from '#kernel/database/roles'
import { print } from './output.ts'

/** `tenantry database prepare`: roles, databases and schemas on an outside server; prints the URLs to configure. */
export async function prepare(options: {
  administrator: string
  control: string
  cell: string
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
  await prepareServer({
    administratorUrl: options.administrator,
    secret,
    controlDatabase: options.control,
    cellDatabase: options.cell,
    templateDatabase: templateOf(options.cell),
  })
  const at = (role: 'tenantry_serving' | 'tenantry_migrator' | 'tenantry_control', database: string) =>
    urlFor(options.administrator, { role, secret, database })
  const urls = {
    TENANTRY_DATABASE_URL: at('tenantry_serving', options.cell),
    TENANTRY_MIGRATOR_URL: at('tenantry_migrator', options.cell),
    TENANTRY_CONTROL_URL: at('tenantry_control', options.control),
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
