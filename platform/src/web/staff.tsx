import '#ui/ledger.css'
import '#ui/staff.css'
import { mount } from './mount.tsx'
import { staffRouter } from './staff-console.tsx'

const wordFiles = { en: () => import('./staff-words.en.ts'), es: () => import('./staff-words.es.ts') }

void mount(wordFiles, () => Promise.resolve(staffRouter()))
