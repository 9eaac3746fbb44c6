import ts from 'typescript'
import { nodesIn, type Repository } from './repository.ts'

const kinds = ['operation', 'list', 'event', 'failure', 'job', 'listener', 'port', 'module'] as const
type Kind = (typeof kinds)[number]

/** Where modules declare, and the kernel its own failures and its one event. */
const declaringFiles =
  /\/modules\/[^/]+\/.*(?<!\.(test|fixture))\.ts$|\/kernel\/(errors\/platform-failures|events)\.ts$/

/** One call of `operation()`, `event()`, … as it is written. */
export interface Declaration {
  readonly kind: Kind
  /** The constant it is kept in. */
  readonly constant: string
  /** Its stable name: `projects.create`. */
  readonly name: string
  readonly call: ts.CallExpression
  readonly file: string
  readonly module: string
}

/** Everything that is declared with the kernel's functions. */
export function declarationsIn(repository: Repository): Declaration[] {
  return repository.sources(declaringFiles).flatMap((source) =>
    [...nodesIn(source)].flatMap((call) => {
      if (!ts.isCallExpression(call) || !ts.isVariableDeclaration(call.parent)) return []
      const kind = kinds.find((each) => each === (call.expression as ts.Identifier).text)
      if (!kind) return []
      const [first] = call.arguments
      const named = first && ts.isStringLiteral(first) ? first.text : (textOf(propertyOf(call, 'name')) ?? '')
      const version = kind === 'operation' || kind === 'list' ? propertyOf(call, 'version')?.getText() : undefined
      const name = version === undefined ? named : `${named}.v${version}`
      const module = /\/modules\/([^/]+)\//.exec(source.fileName)?.[1] ?? ''
      return [{ kind, constant: call.parent.name.getText(), name, call, file: source.fileName, module }]
    }),
  )
}

/** A property of the object that declares: `permission` of an operation, `run` of a job. */
export function propertyOf(call: ts.CallExpression, name: string): ts.Node | undefined {
  const definition = call.arguments.find(ts.isObjectLiteralExpression)
  const property = definition?.properties.find((each) => each.name?.getText() === name)
  return property && ts.isPropertyAssignment(property) ? property.initializer : property
}

export function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteral(node) ? node.text : undefined
}

/** The names in an array of constants: `emits: [projectCreated]`. */
export function constantsIn(node: ts.Node | undefined): string[] {
  return node && ts.isArrayLiteralExpression(node) ? node.elements.map((element) => element.getText()) : []
}
