import { words as analytics } from '../modules/analytics/words.en.ts'
import { words as flags } from '../modules/flags/words.en.ts'
import { words as fleet } from '../modules/fleet/words.en.ts'
import { words as staff } from '../modules/staff/words.en.ts'
import { words as support } from '../modules/support/words.en.ts'
import { words as usage } from '../modules/usage/words.en.ts'
import { words as kit } from '../ui/words.en.ts'
import { words as shell } from './words.en.ts'

/** The words of the staff console: of the kit, the shell and its own pages. */
export const words = { ...kit, ...shell, ...staff, ...flags, ...fleet, ...analytics, ...support, ...usage }
