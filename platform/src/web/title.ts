import { useEffect } from 'react'

const product = 'Atlas'

/** "Page · Organisation · Product" */
export function useTitle(...parts: readonly string[]): void {
  const title = [...parts, product].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
