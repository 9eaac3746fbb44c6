import ts from 'typescript'
import { nodesIn, type Repository } from './repository.ts'

export interface Declared {
  readonly name: string
  readonly node: ts.Node & { readonly type?: ts.TypeNode; readonly initializer?: ts.Expression }
}

/**
 * The names we choose. What a destructuring takes over unchanged, keys handed to a library, and names with underscores
 * (PostgreSQL's, OpenID's) others have chosen.
 */
export function declaredNames(repository: Repository): Declared[] {
  return repository.sources().flatMap((source) => {
    const declared: Declared[] = []
    for (const node of nodesIn(source)) {
      if (!isNaming(node) || !node.name) continue
      if (!ts.isIdentifier(node.name) && !ts.isPrivateIdentifier(node.name)) continue
      const name = node.name.text.replace('#', '')
      if (!name.slice(1).includes('_')) declared.push({ name, node })
    }
    return declared
  })
}

function isNaming(node: ts.Node): node is ts.NamedDeclaration {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    (ts.isBindingElement(node) && node.propertyName !== undefined)
  )
}

/** `timeoutMs` is timeout and ms. */
export function wordsOf(name: string): string[] {
  return name.split(/(?=[A-Z])|\d/).map((word) => word.toLowerCase())
}
