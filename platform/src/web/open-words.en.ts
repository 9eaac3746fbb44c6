type Loaded = Record<string, Readonly<Record<string, string>>>

const platform = import.meta.glob(['../ui/words.en.ts', './words.en.ts', '../modules/{identity,tenants}/words.en.ts'], {
  eager: true,
  import: 'words',
}) as Loaded
const product = import.meta.glob('@product/modules/*/words.en.ts', { eager: true, import: 'words' }) as Loaded

/** The words of the open pages: who signs in does not wait for those of the workspace. */
export const words = Object.assign({}, ...Object.values(platform), ...Object.values(product)) as Readonly<
  Record<string, string>
>
