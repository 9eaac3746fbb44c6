import { words as identity } from '../modules/identity/words.es.ts'
import { words as tenants } from '../modules/tenants/words.es.ts'
import { words as kit } from '../ui/words.es.ts'
import { words as shell } from './words.es.ts'

type Loaded = Record<string, Readonly<Record<string, string>>>

const product = import.meta.glob('@product/modules/*/words.es.ts', { eager: true, import: 'words' }) as Loaded

/** The words of the open pages: of the kit, the shell, the modules that have some, and the product. */
export const words = Object.assign(
  { ...kit, ...shell, ...identity, ...tenants },
  ...Object.values(product),
) as Readonly<Record<string, string>>
