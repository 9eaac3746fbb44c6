import { product } from 'tenantry/kernel'
import { fillDemo } from './demo.ts'
import { projects } from './modules/projects/module.ts'

/** Atlas, the sample product: projects with tasks. */
export default product({
  name: 'Atlas',
  modules: [projects],
  plans: [
    { key: 'standard', name: 'Standard' },
    { key: 'business', name: 'Business', weight: 3, timeoutMs: 20_000 },
  ],
  demo: fillDemo,
})
