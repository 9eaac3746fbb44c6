import { EmbeddedInbox } from '../../platform/src/adapters/mail/embedded-inbox.ts'
import { RedisRateStore } from '../../platform/src/adapters/redis/redis-rate-store.ts'
import { Installation } from '../../platform/src/installation.ts'
import type { DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { createLog } from '../../platform/src/kernel/observe/log.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import { serve } from '../../platform/src/serve.ts'
import product from '../../product/app.ts'

/** The product over HTTP, with the same read limit in every plan, or with none: as the last message said. */

const { BENCH_DATABASES = '', BENCH_FOLDER = '', BENCH_REDIS_URL } = process.env
let limit = Number.POSITIVE_INFINITY
process.on('message', ({ readLimit }: { readLimit: number | null }) => {
  limit = readLimit ?? Number.POSITIVE_INFINITY
  process.send?.({ readLimit })
})
const limitedTo = <Plan extends { readonly limits: object }>(plan: Plan) => ({
  ...plan,
  limits: {
    ...plan.limits,
    get read() {
      return limit
    },
  },
})
const [first, ...others] = product.plans
const log = createLog({ level: 'info', release: 'benchmark', file: `${BENCH_FOLDER}/limited-${process.pid}.log` })
const publicUrl = 'http://127.0.0.1'
const installation = new Installation({
  product: { ...product, plans: [limitedTo(first), ...others.map(limitedTo)] },
  databases: JSON.parse(BENCH_DATABASES) as DatabasesSettings,
  identity: new BetterAuthProvider(new PasswordHashing()),
  mailer: new EmbeddedInbox(BENCH_FOLDER),
  publicUrl,
  log,
  ...(BENCH_REDIS_URL === undefined ? {} : { rateStore: new RedisRateStore(BENCH_REDIS_URL) }),
})
const { port } = await serve({ installation, host: '127.0.0.1', port: 0, publicUrl, trustedProxies: undefined, log })
process.send?.({ port })
