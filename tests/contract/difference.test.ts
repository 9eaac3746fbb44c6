import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { findProduct, loadProduct } from '../../platform/src/command-line/product-file.ts'
import { type Change, type ContractDocument, contractChanges } from '../../platform/src/contract/difference.ts'
import { ReleasedContract } from '../../platform/src/contract/released-contract.ts'
import { type Operation, operation } from '../../platform/src/kernel/operation.ts'
import type { Deprecation } from '../../platform/src/kernel/operation-name.ts'
import { z } from '../../platform/src/kernel/schema.ts'
import { openApiDocument } from '../../platform/src/kernel/surfaces/openapi.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import { repositoryFolder } from '../docs/markdown.ts'

/** Which changes of the contract break callers, rule by rule, and that none has gone out unseen. */

const today = '2026-11-21'

interface Parts {
  readonly http?: 'POST /boxes' | 'POST /crates'
  readonly input?: Record<string, z.ZodType>
  readonly output?: z.ZodType | undefined
  readonly status?: 200 | 202
  readonly permission?: 'box:create' | 'signed-in' | 'public'
  readonly idempotency?: 'required'
  readonly deprecated?: Deprecation
}

/** A contract with one operation: what is given, beside a name that goes in and comes out. */
function contractWith({ input, output = z.object({ name: z.string() }), ...parts }: Parts = {}): ContractDocument {
  const create = operation({
    name: 'boxes.create',
    summary: 'Create a box',
    http: 'POST /boxes',
    permission: 'box:create',
    input: { name: z.string().max(100), ...input },
    output,
    ...parts,
    run: async () => ({ name: '' }),
  })
  return openApiDocument([create], { title: 'Boxes', version: '1' }) as unknown as ContractDocument
}

const changes = (before: Parts, after: Parts): Change[] =>
  contractChanges(contractWith(before), contractWith(after), today)

/** The sentences behind the address, by kind. */
function assertChange(before: Parts, after: Parts, kind: Change['kind'], ...sentences: string[]): void {
  const found = changes(before, after).filter((change) => change.kind === kind)
  assert.deepEqual(
    found.map(({ sentence }) => sentence.replace('POST /api/v1/boxes', '').replace(/^: /, '')),
    sentences,
  )
}

const input = (schema: z.ZodType): Parts => ({ input: { size: schema } })
const output = (schema: z.ZodType): Parts => ({ output: z.object({ size: schema }) })
const breaks = (before: Parts, after: Parts, ...sentences: string[]) =>
  assertChange(before, after, 'breaking', ...sentences)

describe('a change breaks callers', () => {
  test('when an operation goes before its sunset', () => {
    const gone = { http: 'POST /crates' } as const
    breaks({}, gone, ' is gone')
    const deprecated = { since: '2026-01-01', sunset: '2026-11-22' }
    breaks({ deprecated }, gone, ' is gone')
    breaks({ deprecated: { ...deprecated, sunset: today } }, gone)
  })

  test('when something is needed that was not', () => {
    breaks({}, input(z.string()), '`size` in the input is needed')
    breaks(input(z.string().optional()), input(z.string()), '`size` in the input is needed')
    breaks({}, { idempotency: 'required' }, '`header Idempotency-Key` in the input is needed')
    breaks(
      input(z.object({ a: z.string() })),
      input(z.object({ a: z.string(), b: z.string() })),
      '`size.b` in the input is needed',
    )
  })

  test('when what could be sent is refused', () => {
    breaks(input(z.string().optional()), {}, '`size` in the input is gone')
    breaks(input(z.string()), input(z.number()), '`size` in the input is never a string any more')
    breaks(input(z.string().nullable()), input(z.string()), '`size` in the input is never null any more')
    breaks(input(z.enum(['s', 'm', 'l'])), input(z.enum(['s', 'm'])), '`size` in the input is never l any more')
    breaks(input(z.string()), input(z.enum(['s', 'm'])), '`size` in the input is one of s, m only')
    breaks(input(z.string().max(10)), input(z.string().max(9)), '`size` in the input has a maxLength of 9')
    breaks(
      input(z.string().max(10).nullable()),
      input(z.string().max(9).nullable()),
      '`size` in the input has a maxLength of 9',
    )
    breaks(input(z.string()), input(z.string().min(2)), '`size` in the input has a minLength of 2')
    breaks(input(z.number().max(9)), input(z.number().max(8)), '`size` in the input has a maximum of 8')
    breaks(input(z.number().min(1)), input(z.number().min(2)), '`size` in the input has a minimum of 2')
    breaks(
      input(z.array(z.string()).max(9)),
      input(z.array(z.string()).max(8)),
      '`size` in the input has a maxItems of 8',
    )
    breaks(input(z.array(z.string())), input(z.array(z.number())), '`size[]` in the input is never a string any more')
    breaks(input(z.string().regex(/^a/)), input(z.string().regex(/^b/)), '`size` in the input has the pattern ^b')
    breaks(input(z.string()), input(z.string().meta({ format: 'uuid' })), '`size` in the input has the format uuid')
    breaks(input(z.object({ a: z.string().optional() })), input(z.object({})), '`size.a` in the input is gone')
  })

  test('when a reply lacks what was in it, or has what nobody could expect', () => {
    const two = z.object({ a: z.string(), b: z.string() })
    breaks(output(two), output(two.omit({ b: true })), '`size.b` in the reply is gone')
    breaks(output(two), output(two.partial({ b: true })), '`size.b` in the reply may be missing')
    breaks(output(z.array(two)), output(z.array(two.omit({ b: true }))), '`size[].b` in the reply is gone')
    breaks(output(z.string()), output(z.string().nullable()), '`size` in the reply may be null')
    breaks(output(z.string()), output(z.number()), '`size` in the reply may be a number')
    breaks(output(z.enum(['s', 'm'])), output(z.enum(['s', 'm', 'l'])), '`size` in the reply may be l')
    breaks(output(z.enum(['s', 'm'])), output(z.string()), '`size` in the reply is no choice of a few any more')
    breaks(
      output(z.record(z.string(), z.string())),
      output(z.record(z.string(), z.number())),
      '`size{}` in the reply may be a number',
    )
  })

  test('when success has another status, or fewer ways lead in', () => {
    breaks({ status: 200 }, { status: 202 }, 'success has status 202, not 200')
    breaks({}, { permission: 'signed-in' }, '`header Tenant` in the input is gone', 'a key is no longer enough')
    breaks({ permission: 'public' }, { permission: 'signed-in' }, 'nobody gets in without a credential')
  })
})

describe('a change is fine', () => {
  const fine = (before: Parts, after: Parts, kind: Change['kind'], sentence: string) => {
    breaks(before, after)
    assertChange(before, after, kind, sentence)
  }

  test('when more can be sent, or more comes back', () => {
    fine({}, input(z.string().optional()), 'added', '`size` in the input is new')
    fine(input(z.string()), input(z.string().optional()), 'changed', '`size` in the input may be missing')
    fine(input(z.string().max(9)), input(z.string().max(10)), 'changed', '`size` in the input has a maxLength of 10')
    fine(input(z.enum(['s'])), input(z.enum(['s', 'm'])), 'changed', '`size` in the input may be m')
    fine(input(z.string()), input(z.string().nullable()), 'changed', '`size` in the input may be null')
    fine({ idempotency: 'required' }, {}, 'changed', '`header Idempotency-Key` in the input may be missing')
    const more = z.object({ name: z.string(), size: z.string() })
    fine({}, { output: more }, 'added', '`size` in the reply is new, and always there')
    fine(output(z.string().nullable()), output(z.string()), 'changed', '`size` in the reply is never null any more')
    fine(output(z.string().max(9)), output(z.string().max(10)), 'changed', '`size` in the reply has a maxLength of 10')
    breaks({ permission: 'signed-in' }, { permission: 'public' })
  })

  test('when an operation comes, is deprecated, or goes once its sunset is there', () => {
    assertChange({ http: 'POST /crates' }, {}, 'added', 'Create a box')
    const deprecated = { since: '2025-11-01', sunset: '2026-11-01' }
    fine({}, { deprecated }, 'deprecated', ' may be gone from 2026-11-01 on')
    fine({ deprecated }, { http: 'POST /crates' }, 'removed', ' is gone, as announced for 2026-11-01')
  })

  test('when nothing changed', () => assert.deepEqual(changes({}, {}), []))
})

describe('a release', () => {
  const boxes = (schema: z.ZodType): Operation[] => [
    operation({
      name: 'boxes.create',
      summary: 'Create a box',
      http: 'POST /boxes',
      permission: 'box:create',
      input: { size: schema },
      run: async () => {},
    }),
  ]
  const narrowed = 'POST /api/v1/boxes: `size` in the input has a maxLength of 5'

  test('writes contract and changelog down, and refuses a break without a reason, and a reason without a break', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-contract-'))
    t.after(() => rm(folder, { recursive: true }))
    const contract = new ReleasedContract(folder)
    const reasonsFile = join(folder, 'docs/reference/contract/reasons.json')
    const changelog = () => readFile(join(folder, 'docs/reference/changelog.md'), 'utf8')
    assert.equal((await contract.judge(boxes(z.string().max(9)), today)).since, undefined)
    await contract.release(boxes(z.string().max(9)), { name: '1.0.0', today })
    const short = boxes(z.string().max(5))
    assert.deepEqual((await contract.release(short, { name: '1.1.0', today })).unexplained, [narrowed])
    assert.doesNotMatch(await changelog(), /1\.1\.0/)
    await writeFile(
      reasonsFile,
      JSON.stringify({ [narrowed]: 'Longer ones broke labels.', 'GET /x is gone': 'Why not' }),
    )
    assert.deepEqual((await contract.judge(short, today)).idle, ['GET /x is gone'])
    await writeFile(reasonsFile, JSON.stringify({ [narrowed]: 'Longer ones broke labels.' }))
    await contract.release(short, { name: '1.1.0', today })
    const { since, changes: none, unexplained } = await contract.judge(short, today)
    assert.deepEqual([since, none, unexplained], ['1.1.0', [], []])
    for (const name of ['1.1.0', 'next', '2', '1.2.0 beta'])
      await assert.rejects(contract.release(short, { name, today }), /released already|called as in/)
    const [, newest, first] = (await changelog()).split(/^## /m)
    assert.equal(newest, `1.1.0, ${today}\n\n### Breaking\n\n- ${narrowed}. Longer ones broke labels.\n\n`)
    assert.equal(first, `1.0.0, ${today}\n\nThe first contract: 1 operations.\n`)
  })

  test('of this repository could be made now: whatever breaks callers has a reason, and nothing else has one', async () => {
    const place = findProduct(repositoryFolder)
    const operations = [...platformModules, ...(await loadProduct(place)).modules].flatMap(
      (module) => module.operations,
    )
    const contract = new ReleasedContract(repositoryFolder)
    const { since, unexplained, idle } = await contract.judge(operations, new Date().toISOString().slice(0, 10))
    assert.ok(since !== undefined)
    const help = 'npx tenantry contract check; reasons belong into docs/reference/contract/reasons.json'
    assert.deepEqual({ unexplained, idle }, { unexplained: [], idle: [] }, help)
  })
})
