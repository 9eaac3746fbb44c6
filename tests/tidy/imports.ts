import ts from 'typescript'
import { nodesIn, placeOf, type Repository } from './repository.ts'

/** One `import`, `export … from` or `import()`. */
export interface Import {
  readonly from: string
  /** What it says, and the file of ours that this is; undefined for packages. */
  readonly specifier: string
  readonly file: string | undefined
  /** `type`: gone before the code runs. `value`: loaded with the file. `later`: loaded when it is called for. */
  readonly moment: 'type' | 'value' | 'later'
  readonly place: string
}

/** Every import of these sources. Throws for one of ours that leads nowhere: a rule that cannot follow it would be blind. */
export function importsOf(repository: Repository, sources: readonly ts.SourceFile[]): Import[] {
  return sources.flatMap((source) =>
    [...nodesIn(source)].flatMap((node) => {
      const found = specifierIn(node)
      if (!found) return []
      const { specifier, moment } = found
      const from = source.fileName
      return [{ from, specifier, file: resolve(repository, from, specifier), moment, place: placeOf(node) }]
    }),
  )
}

function specifierIn(node: ts.Node): { specifier: string; moment: Import['moment'] } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const { importClause } = node
    const named = importClause?.namedBindings
    const onlyTypes =
      importClause?.isTypeOnly === true ||
      (importClause !== undefined &&
        !importClause.name &&
        named !== undefined &&
        ts.isNamedImports(named) &&
        named.elements.every((element) => element.isTypeOnly))
    return { specifier: node.moduleSpecifier.text, moment: onlyTypes ? 'type' : 'value' }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    const { exportClause } = node
    const onlyTypes =
      node.isTypeOnly ||
      (exportClause !== undefined &&
        ts.isNamedExports(exportClause) &&
        exportClause.elements.every((element) => element.isTypeOnly))
    return { specifier: node.moduleSpecifier.text, moment: onlyTypes ? 'type' : 'value' }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    if (argument && ts.isStringLiteral(argument)) return { specifier: argument.text, moment: 'later' }
  }
  return undefined
}

/** The doors of platform/package.json and product/package.json, and where they lead in this repository. */
function doorTo(from: string, specifier: string): string | undefined {
  const workspace = from.startsWith('product/') ? 'product' : 'platform/src'
  const rows: readonly [RegExp, string][] = [
    [/^#kernel\/(.+)$/, 'platform/src/kernel/$1.ts'],
    [/^#modules\/(.+)$/, `${workspace}/modules/$1/public.ts`],
    [/^#(ui|web|client)\/(.+)$/, 'platform/src/$1/$2'],
    [/^tenantry\/kernel$/, 'platform/src/kernel/public.ts'],
    [/^tenantry\/modules\/(.+)$/, 'platform/src/modules/$1/public.ts'],
    [/^tenantry\/(ui|web|client)\/(.+)$/, 'platform/src/$1/$2'],
  ]
  const row = rows.find(([door]) => door.test(specifier))
  return row && specifier.replace(...row)
}

function resolve(repository: Repository, from: string, specifier: string): string | undefined {
  const relative = specifier.startsWith('.') ? new URL(specifier, `file:///${from}`).pathname.slice(1) : undefined
  const file = relative ?? doorTo(from, specifier)
  if (file === undefined) {
    if (/^(#|tenantry\b)/.test(specifier)) throw new Error(`${from} imports ${specifier}, which is no door`)
    return undefined
  }
  if (!repository.has(file)) throw new Error(`${from} imports ${specifier}, but there is no ${file}`)
  return file
}
