import { useEffect } from 'react'

/** What the product calls itself, set when the workspace is built. */
export const productName: string = import.meta.env['PRODUCT_NAME']

/** "Page · Organisation · Product" */
export function useTitle(...parts: readonly string[]): void {
  const title = [...parts, productName].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
