import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectral from '@stoplight/spectral-core'
import owaspRules from '@stoplight/spectral-owasp-ruleset'
import { findProduct, loadProduct } from '../../platform/src/command-line/product-file.ts'
import { openApiDocument } from '../../platform/src/kernel/surfaces/openapi.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import { repositoryFolder } from '../docs/markdown.ts'
import { type LinterException, owaspExceptions, redoclyExceptions } from './linter-exceptions.ts'

/** The contract before judges from outside: Redocly's recommended rules, and Spectral's of the OWASP API top ten. */

interface Finding {
  readonly rule: string
  readonly place: string
  readonly message: string
}

let contract: Record<string, unknown>
before(async () => {
  const product = await loadProduct(findProduct(repositoryFolder))
  const operations = [...platformModules, ...product.modules].flatMap((module) => module.operations)
  contract = openApiDocument(operations, { title: product.name, version: '1' })
})

const redocly = async (document: object): Promise<Finding[]> => {
  const config = await createConfig({ extends: ['recommended'] })
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config })
  return found.map(({ ruleId, message, location }) => ({ rule: ruleId, place: location[0]?.pointer ?? '', message }))
}

const owasp = async (document: object): Promise<Finding[]> => {
  const linter = new spectral.Spectral()
  // Its types say less than `setRuleset` asks for: they are of an older Spectral.
  linter.setRuleset(owaspRules as unknown as spectral.RulesetDefinition)
  const found = await linter.run(document as Record<string, unknown>)
  return found.map(({ code, message, path }) => ({ rule: String(code), place: path.join('.'), message }))
}

function assertNothing(findings: readonly Finding[], exceptions: readonly LinterException[]): void {
  const excepts = ({ rule, places }: LinterException, finding: Finding) =>
    rule === finding.rule && (places === undefined || places.test(finding.place))
  const left = findings.filter((finding) => !exceptions.some((each) => excepts(each, finding)))
  assert.deepEqual(left.slice(0, 20), [], `${left.length} findings`)
  const idle = exceptions.filter((each) => !findings.some((finding) => excepts(each, finding)))
  assert.deepEqual(idle, [], 'exceptions for what is not found any more')
}

describe('the contract passes', () => {
  test("Redocly's recommended rules", async () => assertNothing(await redocly(contract), redoclyExceptions))

  test("Spectral's OWASP rules", async () => assertNothing(await owasp(contract), owaspExceptions))
})

test('the judges see: a contract with defects is found out by both', async () => {
  const planted = structuredClone(contract) as { paths: Record<string, Record<string, { responses: object }>> }
  const read = planted.paths['/api/v1/projects/{id}']?.['get'] as { responses: object; parameters: unknown[] }
  read.parameters = []
  read.responses = { 200: { description: 'Done.' } }
  const byRedocly = (await redocly(planted)).map(({ rule }) => rule)
  assert.ok(
    byRedocly.includes('path-parameters-defined') || byRedocly.includes('operation-4xx-response'),
    String(byRedocly),
  )
  const bySpectral = (await owasp({ ...planted, paths: { '/api/v1/projects/{id}': { get: read } } })).map(
    ({ rule }) => rule,
  )
  assert.ok(bySpectral.includes('owasp:api4:2023-rate-limit-responses-429'), String(bySpectral))
})
