import type { Operation } from '#kernel/operation'
import { type Judgement, ReleasedContract } from '../contract/released-contract.ts'
import { platformModules } from '../platform-modules.ts'
import { print } from './output.ts'
import { findProduct, loadProduct } from './product-file.ts'

/** `tenantry contract check`: what changed since the last release, and whether it may go out like this. */
export async function checkContract(options: { json?: boolean }): Promise<void> {
  const { contract, operations, today } = await contractHere()
  const judgement = await contract.judge(operations, today)
  print(judgement, options, report)
  if (!isFit(judgement)) process.exitCode = 1
}

/** `tenantry contract release`: makes the contract of today the released one, unless the check fails. */
export async function releaseContract(name: string, options: { json?: boolean }): Promise<void> {
  const { contract, operations, today } = await contractHere()
  const judgement = await contract.release(operations, { name, today })
  print(
    judgement,
    options,
    (each) => `${report(each)}\n${isFit(each) ? `Released as ${name}.` : 'Nothing was released.'}`,
  )
  if (!isFit(judgement)) process.exitCode = 1
}

async function contractHere(): Promise<{ contract: ReleasedContract; operations: Operation[]; today: string }> {
  const place = findProduct(process.cwd())
  const product = await loadProduct(place)
  return {
    contract: new ReleasedContract(place.projectFolder),
    operations: [...platformModules, ...product.modules].flatMap((module) => module.operations),
    today: new Date().toISOString().slice(0, 10),
  }
}

function isFit({ unexplained, idle }: Judgement): boolean {
  return unexplained.length === 0 && idle.length === 0
}

function report({ since, changes, unexplained, idle }: Judgement): string {
  if (since === undefined) return 'Nothing was released yet.'
  const lines = changes.map(({ kind, sentence }) => `${kind.padEnd(11)}${sentence}`)
  return [
    `${changes.length} changes since ${since}`,
    ...lines,
    ...unexplained.map((sentence) => `✗ breaks callers: ${sentence}`),
    ...(unexplained.length > 0
      ? ['  → keep the old behaviour beside a version 2, or say why not in docs/reference/contract/reasons.json']
      : []),
    ...idle.map((sentence) => `✗ a reason for what did not happen: ${sentence}`),
    ...(unexplained.length + idle.length === 0 ? ['Nothing breaks callers without a reason.'] : []),
  ].join('\n')
}
