type Loaded = Record<string, Readonly<Record<string, string>>>

const found = import.meta.glob(
  ['../ui/words.es.ts', './words.es.ts', '../modules/*/words.es.ts', '@product/modules/*/words.es.ts'],
  // Exhaustive: of an installed platform, too, although it lies in node_modules.
  { eager: true, import: 'words', exhaustive: true },
) as Loaded

/** The words of the kit, the shell and all modules, in one file. */
export const words = Object.assign({}, ...Object.values(found)) as Readonly<Record<string, string>>
