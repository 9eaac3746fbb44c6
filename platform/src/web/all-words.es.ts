type Loaded = Record<string, Readonly<Record<string, string>>>

const platform = import.meta.glob(
  // The staff console has its own (see staff-words.es.ts).
  [
    '../ui/words.es.ts',
    './words.es.ts',
    '../modules/*/words.es.ts',
    '!../modules/{analytics,flags,fleet,staff}/words.es.ts',
  ],
  { eager: true, import: 'words' },
) as Loaded
// Apart, because Vite searches one list from the folder that all of it has in common: `/` for a product elsewhere.
const product = import.meta.glob('@product/modules/*/words.es.ts', { eager: true, import: 'words' }) as Loaded

/** The words of the kit, the shell and all modules, in one file. */
export const words = Object.assign({}, ...Object.values(platform), ...Object.values(product)) as Readonly<
  Record<string, string>
>
