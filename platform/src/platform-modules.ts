import type { Module } from '#kernel/module'
import { access } from './modules/access/module.ts'
import { analytics } from './modules/analytics/module.ts'
import { audit } from './modules/audit/module.ts'
import { flags } from './modules/flags/module.ts'
import { fleet } from './modules/fleet/module.ts'
import { identity } from './modules/identity/module.ts'
import { keys } from './modules/keys/module.ts'
import { mail } from './modules/mail/module.ts'
import { outbox } from './modules/outbox/module.ts'
import { review } from './modules/review/module.ts'
import { staff } from './modules/staff/module.ts'
import { support } from './modules/support/module.ts'
import { tenants } from './modules/tenants/module.ts'
import { trash } from './modules/trash/module.ts'
import { usage } from './modules/usage/module.ts'

/** The platform's own modules, each after those it needs: migrations run in this order. */
export const platformModules: readonly Module[] = [
  mail,
  identity,
  access,
  tenants,
  keys,
  trash,
  audit,
  flags,
  staff,
  support,
  fleet,
  outbox,
  analytics,
  usage,
  review,
]
