import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LanguageProvider, loadWords } from '#ui/text.tsx'
import { ToastRegion } from '#ui/toast.tsx'
import '#ui/ledger.css'
import { openPages } from './open-pages.ts'
import { openRouter } from './open-router.tsx'

const wordFiles = { en: () => import('./all-words.en.ts'), es: () => import('./all-words.es.ts') }

/** Two applications in one page: a small one for signing in, and the workspace. From one to the other the page is loaded anew. */
async function router() {
  const isOpen = openPages.some(({ path }) => path === location.pathname)
  return isOpen ? openRouter() : (await import('./workspace.tsx')).workspaceRouter()
}

/** No await at the top: the workspace imports from this very file, and would wait for it for ever. */
async function start(root: HTMLElement): Promise<void> {
  const [words, pages] = await Promise.all([loadWords(wordFiles), router()])
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider files={wordFiles} start={words}>
        <ToastRegion>
          <RouterProvider router={pages} />
        </ToastRegion>
      </LanguageProvider>
    </StrictMode>,
  )
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
void start(root)
