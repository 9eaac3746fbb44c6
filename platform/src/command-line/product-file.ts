import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Product } from '#kernel/module'

/** Where a product is: the folder of its `app.ts`, and the project that its data folder belongs to. */
export interface ProductPlace {
  readonly file: string
  readonly folder: string
  readonly projectFolder: string
}

/**
 * Finds the product from a folder upwards: `"tenantry": { "app": "./product/app.ts" }` in the nearest package.json, or
 * `app.ts` or `app.js` beside it. Throws when there is none.
 */
export function findProduct(from: string): ProductPlace {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file =
      namedIn(folder) ??
      ['app.ts', 'app.js'].map((name) => join(folder, name)).find((candidate) => existsSync(candidate))
    if (file && existsSync(join(folder, 'package.json'))) return { file, folder: dirname(file), projectFolder: folder }
    if (dirname(folder) === folder) {
      throw new Error(
        'There is no product here. Run this in a folder with an app.ts, or name it in package.json: "tenantry": { "app": "./product/app.ts" }',
      )
    }
  }
}

function namedIn(folder: string): string | undefined {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return undefined
  const { tenantry } = JSON.parse(readFileSync(file, 'utf8')) as { tenantry?: { app?: string } }
  return tenantry?.app === undefined ? undefined : resolve(folder, tenantry.app)
}

export async function loadProduct({ file }: ProductPlace): Promise<Product> {
  const { default: product } = (await import(pathToFileURL(file).href)) as { default?: Product }
  if (!product?.modules) throw new Error(`${file} must export product({ … }) as its default`)
  return product
}
