import { product } from 'tenantry/kernel'
import { fillDemo } from './demo.ts'
import { projects } from './modules/projects/module.ts'

/** Atlas, the sample product: projects with tasks. */
export default product({ name: 'Atlas', modules: [projects], demo: fillDemo })
