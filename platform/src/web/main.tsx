import '#ui/ledger.css'
import { mount } from './mount.tsx'
import { openPages } from './open-pages.ts'
import { openRouter } from './open-router.tsx'

/** Two applications in one page: a small one for signing in, and the workspace. From one to the other the page is loaded anew. */
const isOpen = openPages.some(({ path }) => path === location.pathname)

const wordFiles = isOpen
  ? { en: () => import('./open-words.en.ts'), es: () => import('./open-words.es.ts') }
  : { en: () => import('./all-words.en.ts'), es: () => import('./all-words.es.ts') }

async function loadRouter() {
  return isOpen ? openRouter() : (await import('./workspace.tsx')).workspaceRouter()
}

// No await at the top: the workspace imports from this very file, and would wait for it for ever.
void mount(wordFiles, loadRouter)
