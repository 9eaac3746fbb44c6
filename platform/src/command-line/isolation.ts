import { readFile, writeFile } from 'node:fs/promises'
import { styleText } from 'node:util'
import { isSignedBy, type SignedReport, signReport } from '../isolation/report-signature.ts'
import { type IsolationReport, type TargetFindings, verifyIsolation } from '../isolation/verify.ts'
import { platformModules } from '../platform-modules.ts'
import { print } from './output.ts'
import { loadProduct } from './product-file.ts'
import { release } from './release.ts'
import { withEnvironment } from './session.ts'

/** `tenantry isolation verify`: compares and attacks every database and schema. Exit status 1 when anything does not hold. */
export async function verify(options: { cell?: string; out?: string; json?: boolean }): Promise<void> {
  const progress = options.json ? {} : { progress: (findings: TargetFindings) => console.log(linesOf(findings)) }
  const signed = await withEnvironment(async ({ databases, place }) => {
    const modules = [...platformModules, ...(await loadProduct(place)).modules]
    const { cell } = options
    const report = await verifyIsolation({ settings: databases, modules, release: release(), cell, ...progress })
    return signReport(report, databases.secret)
  })
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(signed, null, 2)}\n`)
  console.log(options.json ? JSON.stringify(signed, null, 2) : conclusionOf(signed, options.out))
  if (!signed.report.holds) process.exitCode = 1
}

/** `tenantry isolation check <report>`: whether this installation signed it, word for word. Exit status 1 when not. */
export async function check(file: string, options: { json?: boolean }): Promise<void> {
  const signed = await reportIn(file)
  const genuine = await withEnvironment(async ({ databases }) => isSignedBy(signed, databases.secret))
  const { at, holds, targets } = signed.report
  const said = `${targets.length} targets, ${at}, isolation ${holds ? 'holds' : 'DOES NOT HOLD'}`
  print({ genuine, at, holds }, options, () =>
    genuine ? `Signed by this installation: ${said}.` : 'NOT signed by this installation, or altered since.',
  )
  if (!genuine) process.exitCode = 1
}

async function reportIn(file: string): Promise<SignedReport<IsolationReport>> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`${file} cannot be read (${error.message}). Write one: npx tenantry isolation verify --out ${file}`)
  })
  const read = parsedJson(text) as Partial<SignedReport<IsolationReport>> | undefined
  const { report, signature, publicKey } = read ?? {}
  if (!Array.isArray(report?.targets) || typeof signature !== 'string' || typeof publicKey !== 'string')
    throw new Error(`${file} is no report of "npx tenantry isolation verify --out".`)
  return { report, signature, publicKey }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function linesOf({ name, tables, differences, attacks }: TargetFindings): string {
  const breaches = attacks.filter(({ got }) => got.length > 0)
  const holds = differences.length + breaches.length === 0
  const mark = holds ? styleText('green', '✓') : styleText('red', '✗')
  const repelled = `${attacks.length - breaches.length} of ${attacks.length} attacks repelled`
  return [
    `${mark} ${name}: ${tables} tables${attacks.length > 0 ? `, ${repelled}` : ''}`,
    ...differences.map((difference) => `    ${difference}`),
    ...breaches.flatMap((breach) => [`    ${breach.name}:`, ...breach.got.map((what) => `      ${what}`)]),
  ].join('\n')
}

function conclusionOf({ report, publicKey }: SignedReport<IsolationReport>, out: string | undefined): string {
  const conclusion = report.holds
    ? styleText('green', 'Isolation holds.')
    : styleText('red', 'Isolation does NOT hold: do not serve until this is mended.')
  return out === undefined ? conclusion : `${conclusion}\nSigned report in ${out}; public key ${publicKey}`
}
