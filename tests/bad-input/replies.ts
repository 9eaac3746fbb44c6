import assert from 'node:assert/strict'
import type { Reply, TestInstallation } from '../installation.ts'

/** Signs of our inside: frames of a stack, files of ours, and what PostgreSQL's messages are made of. */
const inside =
  /\n\s+at |\bat (async )?[\w.]+ \(|node_modules|\.ts:\d|postgres|\bpg_|sqlstate|syntax error|violates|relation "|column "|invalid input|insert into|tenantry_(serving|control|identity|relay)/i

/** Holds every reply to what all replies promise; afterwards `assertPages` looks whether each code has its page. */
export class Replies {
  readonly #codes = new Set<string>()

  /** Below 500; a problem document when it is no success; nothing of our inside in it. `what` names the request in messages. */
  check({ status, headers, body }: Reply, what: string): void {
    const text = JSON.stringify(body)
    assert.ok(status < 500, `${what}: ${status} ${text}`)
    if (status < 400) return
    assert.doesNotMatch(text, inside, what)
    assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8', what)
    const problem = body as { type: string; status: number; code: string; requestId: string }
    assert.equal(problem.status, status, what)
    assert.ok(problem.type.endsWith(`/docs/errors/${problem.code}`), `${what}: ${problem.type}`)
    assert.equal(problem.requestId, headers.get('x-request-id'), what)
    this.#codes.add(problem.code)
  }

  /** Codes seen so far. */
  get codes(): ReadonlySet<string> {
    return this.#codes
  }

  async assertPages(atlas: TestInstallation): Promise<void> {
    assert.ok(this.#codes.size > 0)
    for (const code of this.#codes) {
      const page = await atlas.request('GET', `/docs/errors/${code}`)
      assert.equal(page.status, 200, code)
      assert.match(String(page.body), new RegExp(`>${code}</code>`))
    }
  }
}

/** What two answers have to have in common for nobody to tell them apart. */
export function comparable({ status, body }: Reply): unknown {
  const { requestId: _, instance: __, ...rest } = (body ?? {}) as Record<string, unknown>
  return { status, ...rest }
}
