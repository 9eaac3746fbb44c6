import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runsInTransaction } from '../../platform/src/kernel/database/migration-files.ts'
import type { Repository } from './repository.ts'
import { rule } from './rule.ts'

/** The linter's program is inside its package, one for each platform; those for some are not published everywhere. */
const squawk = join(
  import.meta.dirname,
  `../../node_modules/@squawk-cli/${process.platform}-${process.arch}/bin/squawk`,
)

const planted = 'product/modules/projects/migrations/0002_more.up.sql'

/** Rules of squawk that do not fit here, for all files. */
const notOurs = [
  'require-lock-timeout', // the migrator sets both time-outs for every file
  'require-statement-timeout',
  'prefer-bigint-over-int', // what counts versions, attempts or numbers of migrations never reaches 2^31
]

/** Files that may do what a rule forbids, and why it does no harm there. */
const exemptions: readonly { readonly file: string; readonly rule: string; readonly because: string }[] = [
  {
    file: 'platform/src/modules/tenants/migrations/0003_silos.up.sql',
    rule: 'constraint-missing-not-valid',
    because: 'the directory has one short row for each tenant, so that looking at all of them takes milliseconds',
  },
  {
    file: 'platform/src/modules/tenants/migrations/0004_lifecycle.up.sql',
    rule: 'constraint-missing-not-valid',
    because: 'the same directory',
  },
  {
    file: 'platform/src/modules/tenants/migrations/0004_lifecycle.up.sql',
    rule: 'require-concurrent-index-creation',
    because: 'the same directory',
  },
  {
    file: 'platform/src/modules/tenants/migrations/0004_lifecycle.up.sql',
    rule: 'ban-drop-not-null',
    because: 'only a purged tenant has no slug, and the release before neither purges nor shows one',
  },
  {
    file: 'platform/src/modules/fleet/migrations/0002_console.up.sql',
    rule: 'adding-field-with-default',
    because: 'the mirror has one short row for each target, and nobody but runs of migrations writes it',
  },
  {
    file: 'platform/src/modules/fleet/migrations/0002_console.up.sql',
    rule: 'disallowed-unique-constraint',
    because: 'the same mirror',
  },
  {
    file: 'platform/src/modules/access/migrations/0002_scopes.up.sql',
    rule: 'constraint-missing-not-valid',
    because: 'an organisation has some ten roles and a few hundred assignments: the lock is gone in milliseconds',
  },
  {
    file: 'platform/src/modules/access/migrations/0002_scopes.up.sql',
    rule: 'disallowed-unique-constraint',
    because: 'the same few assignments',
  },
  {
    file: 'platform/src/modules/access/migrations/0002_scopes.up.sql',
    rule: 'require-concurrent-index-creation',
    because: 'the same few assignments',
  },
]

/** A statement that goes over rows that are there: in one transaction it locks them all until its end. */
const rowChange =
  /^(update|delete|merge|truncate|with|insert\b(?=[^]*\bselect\b)|do\b(?=[^]*\b(update \w+ set|delete from|insert into)\b))/i

/** Files that may change rows, and why it does no harm there. */
const mayChangeRows: readonly { readonly file: string; readonly because: string }[] = [
  {
    file: 'platform/src/modules/tenants/migrations/0004_lifecycle.up.sql',
    because: 'the directory has one short row for each tenant',
  },
]

rule('a migration changes no rows that are there: that is done in batches, or says why it need not be', {
  check: (repository) => {
    const files = repository.paths(/\/migrations\/.*\.up\.sql$/)
    const changing = files.filter((path) => statementsOf(repository.text(path)).some((each) => rowChange.test(each)))
    const isExempt = (path: string) => mayChangeRows.some(({ file }) => file === path)
    const needless = mayChangeRows.filter(({ file }) => repository.has(file) && !changing.includes(file))
    return [
      ...changing.filter((path) => !isExempt(path)).map((path) => `${path}: put it into a file ….batch.sql`),
      ...needless.map(({ file }) => `${file} needs no exemption`),
    ]
  },
  breaks: [
    { [planted]: '-- target: tenant\nalter table tasks add column a int;\nupdate tasks set a = 1;' },
    { [planted]: '-- target: tenant\ndelete from tasks where done;' },
    { [planted]: '-- target: tenant\ninsert into tags (name) select name from tasks;' },
    { [planted]: '-- target: tenant\ndo $$ begin update tasks set a = 1; end $$;' },
    { [mayChangeRows[0]?.file ?? '']: '-- target: control\nselect 1;' },
  ],
  keeps: [
    { [planted]: "-- target: tenant\ninsert into colours (name) values ('red');" },
    {
      [planted]:
        '-- target: tenant\ncreate function f() returns void language sql begin atomic update tasks set a = 1; end;',
    },
    {
      [planted]: '-- target: tenant\ncreate function f() returns trigger as $$ begin\nupdate tasks set a = 1; end $$;',
    },
    {
      [planted.replace('.up.', '.batch.')]: '-- target: tenant\nupdate tasks set a = 1 where tenant_id = $1 limit $2;',
    },
  ],
})

/** Its statements; of functions only the heads, because their bodies run later. */
function statementsOf(text: string): string[] {
  return text
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/^(\s*create\b[^;$]*)\$(\w*)\$[^]*?\$\2\$/gim, '$1')
    .replaceAll(/^\s*do\s+\$\$[^]*?\$\$/gim, (block) => block.replaceAll(';', ','))
    .replaceAll(/\bbegin\s+atomic\b[^]*?\bend;/gi, ';')
    .split(';')
    .map((each) => each.trim())
}

interface Finding {
  readonly file: string
  readonly line: number
  readonly message: string
  readonly rule: string
}

const name = 'a migration neither blocks those who work meanwhile nor breaks the release before, or says why it may'
if (existsSync(squawk)) {
  rule(name, {
    check: (repository) => {
      const found = repository.paths(/\/migrations\/.*\.up\.sql$/).flatMap((path) => lint(repository, path))
      const isExempt = (finding: Finding) =>
        exemptions.some((each) => each.file === finding.file && each.rule === finding.rule)
      const needless = exemptions.filter(
        (each) =>
          repository.has(each.file) &&
          !found.some((finding) => finding.file === each.file && finding.rule === each.rule),
      )
      return [
        ...found
          .filter((finding) => !isExempt(finding))
          .map((finding) => `${finding.file}:${finding.line} ${finding.rule}: ${finding.message}`),
        ...needless.map((each) => `${each.file} needs no exemption from ${each.rule}`),
      ]
    },
    breaks: [
      { [planted]: '-- target: tenant\nalter table tasks add column effort int not null;' },
      { [planted]: '-- target: tenant\nalter table tasks drop column notes;' },
      { [planted]: '-- target: tenant\nalter table tasks rename column notes to text;' },
      { [planted]: '-- target: tenant\nalter table tasks alter column notes type json using notes::json;' },
      { [planted]: '-- target: tenant\ncreate index tasks_by_title on tasks (tenant_id, title);' },
      { [exemptions[0]?.file ?? '']: '-- target: control\nselect;' },
    ],
    keeps: [
      {
        [planted]:
          '-- target: tenant\ncreate table labels (id uuid primary key);\ncreate index labels_by on labels (id);',
      },
      {
        [planted]:
          '-- target: tenant\n-- transaction: none\ncreate index concurrently if not exists tasks_by_title on tasks (tenant_id, title);',
      },
    ],
  })
} else {
  test(name, { skip: `squawk is not published for ${process.platform} on ${process.arch}` })
}

function lint(repository: Repository, path: string): Finding[] {
  const text = repository.text(path)
  const options = [
    '--reporter=json',
    '--pg-version=18',
    `--stdin-filepath=${path}`,
    ...notOurs.flatMap((each) => ['--exclude', each]),
    ...(runsInTransaction(text) ? ['--assume-in-transaction'] : []),
  ]
  const { stdout, error } = spawnSync(squawk, options, { input: text, encoding: 'utf8' })
  if (error) throw error
  const reported = JSON.parse(stdout || '[]') as { line: number; message: string; rule_name: string }[]
  return reported.map(({ line, message, rule_name: broken }) => ({ file: path, line: line + 1, message, rule: broken }))
}
