import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LanguageProvider } from '#ui/text.tsx'
import { ToastRegion } from '#ui/toast.tsx'
import { words as kitWords } from '#ui/words.ts'
import '#ui/ledger.css'
import { queryClient } from './api.ts'
import { modulePages } from './modules.ts'
import { router } from './router.tsx'
import { words as shellWords } from './words.ts'

const catalogues = [kitWords, shellWords, ...modulePages.map(({ words }) => words)]

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <LanguageProvider catalogues={catalogues}>
      <QueryClientProvider client={queryClient}>
        <ToastRegion>
          <RouterProvider router={router} />
        </ToastRegion>
      </QueryClientProvider>
    </LanguageProvider>
  </StrictMode>,
)
