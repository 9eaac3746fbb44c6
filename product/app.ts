import { product } from 'tenantry/kernel'
import { fillDemo } from './demo.ts'
import { projects } from './modules/projects/module.ts'

/** Atlas, the sample product: projects with tasks. */
export default product({
  name: 'Atlas',
  modules: [projects],
  plans: [
    { key: 'standard', name: 'Standard', entitlements: { projects: 500 } },
    {
      key: 'business',
      name: 'Business',
      weight: 3,
      timeoutMs: 20_000,
      limits: { read: 30_000, write: 6_000, heavy: 300 },
      trashDays: 90,
      entitlements: { projects: 5_000 },
    },
    {
      key: 'enterprise',
      name: 'Enterprise',
      weight: 5,
      timeoutMs: 20_000,
      limits: { read: 3_000_000, write: 600_000, heavy: 30_000 },
      trashDays: 365,
    },
  ],
  demo: fillDemo,
})
