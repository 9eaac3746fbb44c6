import ts from 'typescript'
import { nodesIn, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const locales = ['en', 'es']
const wordFile = /\/words\.(\w+)\.ts$/
/** Where people read: the kit, the shell and the pages. The gallery shows components to developers only. */
const shownFiles = /^platform\/src\/(ui|web)\/(?!gallery\.tsx).*\.tsx?$|\/modules\/\w+\/(pages\/.*|[\w-]*pages)\.tsx?$/

const page = 'product/modules/projects/pages/projects.tsx'
const words = (locale: string, entries: string) => ({
  [`product/modules/projects/words.${locale}.ts`]: `export const words = { ${entries} }`,
})
const openPages = 'platform/src/modules/keys/open-pages.tsx'
const openWords = (locale: string, modules: string) => ({
  [`platform/src/web/open-words.${locale}.ts`]: `import.meta.glob('../modules/{${modules}}/words.${locale}.ts')`,
})

rule('every text is there in every language, with the same values to fill in', {
  check(repository) {
    const folders = new Set(repository.paths(wordFile).map((path) => path.replace(wordFile, '')))
    return [...folders].flatMap((folder) => {
      const catalogues = locales.map((locale) => wordsIn(repository, `${folder}/words.${locale}.ts`))
      const keys = new Set(catalogues.flatMap((catalogue) => [...catalogue.keys()]))
      return [...keys].flatMap((key) => {
        const texts = catalogues.map((catalogue) => catalogue.get(key))
        if (texts.some((text) => text === undefined)) return [`${folder} ${key} is not there in every language`]
        const values = texts.map((text) => (text?.match(/\{\w+\}/g) ?? []).toSorted().join(' '))
        return new Set(values).size > 1 ? [`${folder} ${key} has other values in each language`] : []
      })
    })
  },
  breaks: [
    { ...words('en', "'projects.new': 'New'"), ...words('es', '') },
    words('en', "'projects.new': 'New'"),
    { ...words('en', "'projects.left': '{count} left'"), ...words('es', "'projects.left': 'Quedan {cuenta}'") },
  ],
  keeps: [{ ...words('en', "'projects.new': 'New'"), ...words('es', "'projects.new': 'Nuevo'") }],
})

rule('every text that is asked for exists', {
  check(repository) {
    const known = allWords(repository)
    return [
      ...literalsIn(repository)
        .filter(({ text }) => isKey(text, known) && !(known.has(text) || known.has(`${text}.other`)))
        .map((node) => `${placeOf(node)} ${node.text}`),
      ...templatesIn(repository)
        .filter(({ start, pattern }) => isKey(start, known) && ![...known].some((key) => pattern.test(key)))
        .map(({ node }) => `${placeOf(node)} ${node.getText()}`),
    ]
  },
  breaks: [
    { ...words('en', "'projects.new': 'New'"), [page]: "const title = t('projects.nwe')" },
    { ...words('en', "'projects.new': 'New'"), [page]: 'const title = t(`projects.state.${state}`)' },
  ],
  keeps: [
    { ...words('en', "'projects.new': 'New'"), [page]: "const title = t('projects.new')" },
    { ...words('en', "'projects.left.other': '{count} left'"), [page]: "const left = t('projects.left', { count })" },
  ],
})

rule('the words of every module with open pages are loaded with these', {
  check: (repository) =>
    repository.paths(/^platform\/src\/modules\/\w+\/open-pages\.tsx$/).flatMap((path) => {
      const module = path.split('/')[3] ?? ''
      return locales
        .map((locale) => `platform/src/web/open-words.${locale}.ts`)
        .filter((file) => !new RegExp(`[{,]${module}[,}]`).test(repository.text(file)))
        .map((file) => `${file} leaves out ${module}`)
    }),
  breaks: [
    {
      ...openWords('en', 'identity,tenants'),
      ...openWords('es', 'identity,keys'),
      [openPages]: '',
    },
  ],
})

rule('every text is asked for somewhere', {
  check(repository) {
    const literals = new Set(literalsIn(repository).map(({ text }) => text))
    const patterns = templatesIn(repository).map(({ pattern }) => pattern)
    return [...allWords(repository)].filter((key) => {
      const asked = key.replace(/\.(zero|one|two|few|many|other)$/, '')
      return !literals.has(key) && !literals.has(asked) && !patterns.some((pattern) => pattern.test(key))
    })
  },
  breaks: [{ ...words('en', "'projects.forgotten': 'Nobody sees this'"), [page]: '' }],
  keeps: [{ ...words('en', "'projects.done': 'Done'"), [page]: 'const text = t(`projects.${state}`)' }],
})

const readAloud = new Set(['alt', 'aria-label', 'label', 'placeholder', 'title'])

rule('a page has no words of its own: they come from the catalogues', {
  check: (repository) =>
    repository
      .sources(shownFiles)
      .flatMap((source) => [...nodesIn(source)])
      .filter((node) => /(^|[\s("'])\p{L}{2}/u.test(ownWords(node)))
      .map((node) => `${placeOf(node)} ${node.getText().trim()}`),
  breaks: [
    { [page]: 'const a = <p>New project</p>' },
    { [page]: 'const a = <input placeholder="Filter by name" />' },
    { [page]: 'const a = <Button aria-label={"Close"} />' },
  ],
  keeps: [
    { [page]: 'const a = <p title={t("projects.new")}>{name} · <b className="quiet">#</b></p>' },
    { [page]: 'const a = <a href="/dev/inbox">/dev/inbox</a>' },
  ],
})

function ownWords(node: ts.Node): string {
  if (ts.isJsxText(node)) return node.text
  if (!ts.isJsxAttribute(node) || !readAloud.has(node.name.getText()) || !node.initializer) return ''
  const value = ts.isJsxExpression(node.initializer) ? node.initializer.expression : node.initializer
  return value && ts.isStringLiteral(value) ? value.text : ''
}

function wordsIn(repository: Repository, path: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const source of repository.has(path) ? repository.sources(new RegExp(`^${path}$`)) : []) {
    for (const node of nodesIn(source)) {
      if (!ts.isPropertyAssignment(node) || !ts.isStringLiteral(node.name)) continue
      if (ts.isStringLiteralLike(node.initializer)) found.set(node.name.text, node.initializer.text)
    }
  }
  return found
}

function allWords(repository: Repository): ReadonlySet<string> {
  return new Set(repository.paths(wordFile).flatMap((path) => [...wordsIn(repository, path).keys()]))
}

/** `projects.` is a catalogue's; `resource.not_found` and `sans.woff2` are something else. */
function isKey(text: string, known: ReadonlySet<string>): boolean {
  const [, namespace] = /^([a-zA-Z]+\.)[a-zA-Z.]*$/.exec(text) ?? []
  return namespace !== undefined && [...known].some((key) => key.startsWith(namespace))
}

function literalsIn(repository: Repository): ts.StringLiteral[] {
  return (
    repository
      .sources(shownFiles)
      .flatMap((source) => [...nodesIn(source)])
      .filter(ts.isStringLiteral)
      // Flags have names of the same form.
      .filter(({ parent }) => !ts.isLiteralTypeNode(parent) && !parent.getText().startsWith('useFlag('))
  )
}

/** Texts whose key is put together: `projects.${state}` may be any of the projects' texts. */
function templatesIn(repository: Repository): { node: ts.Node; start: string; pattern: RegExp }[] {
  return repository
    .sources(shownFiles)
    .flatMap((source) => [...nodesIn(source)])
    .filter(ts.isTemplateExpression)
    .filter(({ head }) => /^[a-z]+\.[a-zA-Z.]*$/.test(head.text))
    .map((node) => {
      const rest = node.templateSpans.map(({ literal }) => `(\\w+)${literal.text.replaceAll('.', '\\.')}`).join('')
      return { node, start: node.head.text, pattern: new RegExp(`^${node.head.text.replaceAll('.', '\\.')}${rest}$`) }
    })
}
