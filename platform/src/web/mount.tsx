import { type AnyRouter, RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LanguageProvider, loadWords, type WordFiles } from '#ui/text.tsx'
import { ToastRegion } from '#ui/toast.tsx'

/** Shows an application in its page, once its words are there. */
export async function mount(files: WordFiles, loadRouter: () => Promise<AnyRouter>): Promise<void> {
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no #root')
  const [words, router] = await Promise.all([loadWords(files), loadRouter()])
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider files={files} start={words}>
        <ToastRegion>
          <RouterProvider router={router} />
        </ToastRegion>
      </LanguageProvider>
    </StrictMode>,
  )
}
