import ts from 'typescript'
import { constantsIn, type Declaration, declarationsIn, propertyOf, textOf } from './declarations.ts'
import { importsOf } from './imports.ts'
import { wordsOf } from './names.ts'
import { nodesIn, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const file = 'product/modules/projects/operations.ts'
/** An operation as a fixture: what is given is written into it. */
const planted = (parts: { name?: string; more?: string; run?: string; file?: string }) => ({
  [parts.file ?? file]:
    `const createProject = operation({ name: '${parts.name ?? 'projects.create'}', ${parts.more ?? ''}
    async run(ctx, input) { ${parts.run ?? ''} } })`,
})

/** A second word for what the platform's operations call create, read, list, update and delete. */
const otherVerbs = /^(add|make|new|get|fetch|find|show|view|edit|modify|set|save|destroy|erase|clear)([A-Z]|$)/
const past = /(ed|sent|left|begun|given|held|lost|made|paid|put|reset|seen|set|sold|taken|told|won|written)$/

rule('operations are named noun.verb, with one verb for each thing to do', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(isOperation)
      .filter(({ name }) => !/^[a-z]+[a-zA-Z]*\.[a-z][a-zA-Z]*(\.v\d+)?$/.test(name) || otherVerbs.test(verbOf(name)))
      .map(({ call, name }) => `${placeOf(call)} ${name}`),
  breaks: [planted({ name: 'createProject' }), planted({ name: 'projects.add' }), planted({ name: 'projects.getOne' })],
  keeps: [
    planted({ name: 'projects.create' }),
    planted({ name: 'projects.create', more: 'version: 2,' }),
    planted({ name: 'members.changeRole' }),
  ],
})

rule('events are named noun.past: they have happened', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(({ kind, name }) => kind === 'event' && !wordsOf(verbOf(name)).some((word) => past.test(word)))
      .map(({ call, name }) => `${placeOf(call)} ${name}`),
  breaks: [{ [file]: "const projectCreated = event('project.create', { version: 1 })" }],
  keeps: [{ [file]: "const roleChanged = event('member.roleChanged', { version: 1 })" }],
})

rule('a name stands for one thing', {
  check: (repository) => {
    const declared = declarationsIn(repository).filter(({ kind }) => kind !== 'port')
    return [...Map.groupBy(declared, ({ kind, name }) => `${kind === 'list' ? 'operation' : kind} ${name}`)]
      .filter(([, same]) => same.length > 1)
      .map(([name, same]) => `${name} is declared ${same.length} times`)
  },
  breaks: [{ ...planted({}), ...planted({ file: 'product/modules/tasks/operations.ts' }) }],
  keeps: [{ ...planted({}), ...planted({ more: 'version: 2,', file: 'product/modules/projects/v2-operations.ts' }) }],
})

const homes: readonly [kind: RegExp, file: RegExp][] = [
  [/^(operation|list)$/, /(^|-)operations\.ts$/],
  [/^(event|failure)$/, /^events\.ts$|(^|-)(failures|operations)\.ts$/],
  [/^job$/, /^jobs\.ts$/],
  [/^listener$/, /^listeners\.ts$/],
  [/^port$/, /^ports\.ts$/],
  [/^module$/, /^module\.ts$/],
]

rule('each kind of declaration is in the file of that name', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(({ kind, file: path }) => {
        const home = homes.find(([kinds]) => kinds.test(kind))
        return home && !home[1].test(path.split('/').at(-1) ?? '')
      })
      .map(({ call, kind, name }) => `${placeOf(call)} ${kind} ${name}`),
  breaks: [
    planted({ file: 'product/modules/projects/projects.ts' }),
    { 'product/modules/projects/operations.ts': "const remind = job('tasks.remind', { run: async () => {} })" },
    { 'product/modules/projects/store.ts': "const created = event('project.created', { version: 1 })" },
  ],
  keeps: [planted({ file: 'product/modules/projects/task-operations.ts' })],
})

rule('SQL is written in stores', {
  check: (repository) =>
    repository
      .sources(/\/modules\/[^/]+\/.*\.ts$/)
      // Better Auth decides the statements of its adapter; the rest are tests.
      .filter(({ fileName }) => !/store\.ts$|\.test\.ts$|\.fixture\.ts$|\/better-auth-adapter\.ts$/.test(fileName))
      .flatMap((source) => [...nodesIn(source)])
      .filter((node) => ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'sql')
      .map(placeOf),
  breaks: [planted({ run: 'await ctx.db.change(sql`delete from projects`)' })],
  keeps: [{ 'product/modules/projects/store.ts': 'const columns = sql`id, name`' }],
})

rule('an operation first declares, then does: run comes last', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(isOperation)
      .filter(({ call }) => {
        const definition = call.arguments.find(ts.isObjectLiteralExpression)
        return definition?.properties.at(-1)?.name?.getText() !== 'run'
      })
      .map(({ call, name }) => `${placeOf(call)} ${name}`),
  breaks: [
    { [file]: "const read = operation({ name: 'projects.read', run: async () => {}, permission: 'project:read' })" },
  ],
})

const serverOnly = /^(node:https?|fastify|pg)$|^#kernel\/(surfaces|database|pipeline|outbox)/
const notHere = /\b(request|reply|headers|cookies?|tenantId|transaction|begin|commit|rollback)\b/
const whoIsThere = /!\s*(ctx\.)?(actor|user|tenant)\b/

rule('run knows no HTTP, no tenant id to filter by, no transaction and no "who is there"', {
  check: (repository) => {
    const operations = declarationsIn(repository).filter(isOperation)
    const sources = repository.sources().filter(({ fileName }) => operations.some((each) => each.file === fileName))
    return [
      ...importsOf(repository, sources)
        .filter(({ specifier }) => serverOnly.test(specifier))
        .map(({ place, specifier }) => `${place} imports ${specifier}`),
      ...operations.flatMap(({ call, name }) => foreignTo(propertyOf(call, 'run')).map((what) => `${name}: ${what}`)),
    ]
  },
  breaks: [
    { [file]: `import { request } from 'node:http'\n${planted({})[file] ?? ''}` },
    planted({ run: 'return ctx.request.headers' }),
    planted({ run: 'await store.insert(ctx, input, ctx.tenant.id)' }),
    planted({ run: 'const tenantId = input.tenant' }),
    planted({ run: 'await ctx.db.transaction()' }),
    planted({ run: 'if (!ctx.actor) ctx.fail(forbidden)' }),
  ],
  keeps: [planted({ run: 'const key = newToken(keyPrefix, ctx.tenant.id)' })],
})

rule('run records the events that the operation declares, all of them and no other', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(isOperation)
      .flatMap(({ call, name }) => {
        const declared = constantsIn(propertyOf(call, 'emits'))
        const recorded = argumentsOf(propertyOf(call, 'run'), 'record')
        return [
          ...recorded.filter((event) => !declared.includes(event)).map((event) => `${name} does not declare ${event}`),
          ...declared.filter((event) => !recorded.includes(event)).map((event) => `${name} never records ${event}`),
        ]
      }),
  breaks: [
    planted({ more: 'emits: [projectCreated],', run: 'ctx.record(projectUpdated, { after })' }),
    planted({ more: 'emits: [projectCreated, projectUpdated],', run: 'ctx.record(projectCreated, { after })' }),
  ],
  keeps: [planted({ more: 'emits: [projectCreated],', run: 'ctx.record(projectCreated, { after })' })],
})

rule('run fails only as the operation declares', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(isOperation)
      .flatMap(({ call, name }) => {
        const declared = constantsIn(propertyOf(call, 'errors'))
        return argumentsOf(propertyOf(call, 'run'), 'fail')
          .filter((failure) => !declared.includes(failure))
          .map((failure) => `${name} does not declare ${failure}`)
      }),
  breaks: [planted({ run: 'ctx.fail(notFound)' }), planted({ more: 'errors: [invalid],', run: 'ctx.fail(notFound)' })],
  keeps: [planted({ more: 'errors: [notFound],', run: 'ctx.fail(notFound)' })],
})

rule('permissions are declared in the manifest of the module that asks for them, and each is asked for', {
  check(repository) {
    const declarations = declarationsIn(repository)
    return declarations
      .filter(({ kind }) => kind === 'module')
      .flatMap(({ call, module }) => {
        const asked = declarations.filter((each) => each.module === module && isOperation(each)).flatMap(permissionsOf)
        const declared = permissionsDeclared(call)
        return [
          ...asked.filter((each) => !declared.includes(each)).map((each) => `${module} does not declare ${each}`),
          ...declared.filter((each) => !asked.includes(each)).map((each) => `${module}: nothing asks for ${each}`),
        ]
      })
  },
  breaks: [
    { ...planted({ more: "permission: 'project:create'," }), ...manifest('') },
    { ...planted({ more: "permission: 'public'," }), ...manifest("'project:create': ['owner']") },
  ],
  keeps: [{ ...planted({ more: "permission: 'project:create'," }), ...manifest("'project:create': ['owner']") }],
})

rule('pages ask for permissions that exist', {
  check(repository) {
    const declared = declarationsIn(repository)
      .filter(({ kind }) => kind === 'module')
      .flatMap(({ call }) => permissionsDeclared(call))
    return repository
      .sources(/\.tsx$/)
      .flatMap((source) => [...nodesIn(source)])
      .filter(ts.isStringLiteral)
      .filter(({ text }) => /^[a-z]+[a-zA-Z]*:[a-z]+$/.test(text) && !text.startsWith('node:'))
      .filter(({ text }) => !declared.includes(text))
      .map((node) => `${placeOf(node)} ${node.text}`)
  },
  breaks: [{ 'product/modules/projects/pages.tsx': "const entry = { permission: 'project:raed' }", ...manifest('') }],
})

rule('a name in quotes that begins like one of ours is one of ours', {
  check(repository) {
    const known = namesIn(repository)
    const first = new Set([...known].map((name) => name.split('.')[0]))
    return repository
      .sources(/^(?!tests\/tidy\/)/)
      .flatMap((source) => [...nodesIn(source)])
      .filter(ts.isStringLiteral)
      .filter(
        ({ text }) =>
          /^[a-z]\w*(\.\w+)+(?<!\.(com|test))$/.test(text) && first.has(text.split('.')[0]) && !known.has(text),
      )
      .map((node) => `${placeOf(node)} ${node.text}`)
  },
  breaks: [
    { ...planted({}), 'platform/src/demo.ts': "requireOperation(operations, 'projects.crate')" },
    {
      'platform/src/kernel/errors/platform-failures.ts': "const notFound = failure('resource.not_found', {})",
      'platform/src/web/api.ts': "if (problem.code === 'resource.notFound') leave()",
    },
  ],
  keeps: [
    {
      ...planted({}),
      'platform/src/demo.ts': "requireOperation(operations, 'projects.create'); connect('projects.example.com')",
    },
  ],
})

/** Operations, events, failures and jobs, flags, the texts of pages, and tables of the schema that is called like a module. */
function namesIn(repository: Repository): ReadonlySet<string> {
  const declarations = declarationsIn(repository)
  const flags = declarations.flatMap(({ call }) => {
    const declared = propertyOf(call, 'flags')
    if (!declared || !ts.isObjectLiteralExpression(declared)) return []
    return declared.properties.flatMap(({ name }) => (name && ts.isStringLiteral(name) ? [name.text] : []))
  })
  const tables = declarations.flatMap(({ call, name }) => {
    const declared = propertyOf(call, 'tables')
    if (!declared || !ts.isObjectLiteralExpression(declared)) return []
    return declared.properties.map((table) => `${name}.${table.name?.getText()}`)
  })
  const texts = repository
    .sources(/\/words\.\w+\.ts$/)
    .flatMap((source) => [...nodesIn(source)])
    .flatMap((node) => (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name) ? [node.name.text] : []))
  const counted = texts.map((key) => key.replace(/\.(one|other)$/, ''))
  const all = [...declarations.map(({ name }) => name), ...flags, ...tables, ...texts, ...counted]
  return new Set(all.filter((name) => name.includes('.')))
}

function manifest(permissions: string) {
  return {
    'product/modules/projects/module.ts': `const projects = module({ name: 'projects', permissions: { ${permissions} } })`,
  }
}

function isOperation({ kind }: Declaration): boolean {
  return kind === 'operation' || kind === 'list'
}

function verbOf(name: string): string {
  return name.split('.')[1] ?? ''
}

/** The first arguments of `ctx.record(…)` or `ctx.fail(…)`, as they are written. */
function argumentsOf(run: ts.Node | undefined, method: string): string[] {
  if (!run) return []
  return [...nodesIn(run)]
    .filter(ts.isCallExpression)
    .filter((call) => call.expression.getText() === `ctx.${method}`)
    .map((call) => call.arguments[0]?.getText() ?? '')
}

function foreignTo(run: ts.Node | undefined): string[] {
  if (!run) return []
  return [...nodesIn(run)].flatMap((node) => {
    if (ts.isIdentifier(node) && notHere.test(node.text)) return [`${placeOf(node)} ${node.text}`]
    if (ts.isIfStatement(node) && whoIsThere.test(node.expression.getText())) return [placeOf(node)]
    const passesTenant = ts.isCallExpression(node) && /^\w*[sS]tore\./.test(node.expression.getText())
    return passesTenant && node.arguments.some((each) => each.getText() === 'ctx.tenant.id') ? [placeOf(node)] : []
  })
}

function permissionsOf({ call }: Declaration): string[] {
  return ['permission', 'deleted'].flatMap((name) => {
    const permission = textOf(propertyOf(call, name))
    return permission?.includes(':') ? [permission] : []
  })
}

function permissionsDeclared(call: ts.CallExpression): string[] {
  const permissions = propertyOf(call, 'permissions')
  if (!permissions || !ts.isObjectLiteralExpression(permissions)) return []
  return permissions.properties.flatMap(({ name }) => (name && ts.isStringLiteral(name) ? [name.text] : []))
}
