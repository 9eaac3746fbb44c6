import { isDiskFull, isUnavailable, sqlState } from '../database/server-error.ts'
import { DeadlinePassed, RequestAbandoned } from '../pipeline.ts'
import { Failure, type FailureKind } from './failure.ts'
import * as platform from './platform-failures.ts'

/** A problem document, RFC 9457. `type` is the address of a page that explains the code. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: string
  readonly requestId: string
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

/** Makes the document for a failure. Nothing of an error that was not declared gets into it. */
export function problemOf(failure: Failure, request: { id: string; path: string; publicUrl: string }): Problem {
  const { kind, message, errors } = failure
  return {
    type: `${request.publicUrl}/docs/errors/${kind.code}`,
    title: kind.title,
    status: kind.status,
    detail: message,
    instance: request.path,
    code: kind.code,
    requestId: request.id,
    ...(errors.length > 0 ? { errors } : {}),
  }
}

/** What a caller is told of whatever was thrown. Errors that nobody declared become `platform.unexpected`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (isUnavailable(error)) return new Failure(platform.unavailable, { retryAfterSeconds: 2, cause: error })
  if (isDiskFull(error))
    return new Failure(platform.unavailable, { detail: noRoom, retryAfterSeconds: 30, cause: error })
  if (error instanceof DeadlinePassed || error instanceof RequestAbandoned)
    return new Failure(platform.tooSlow, { retryAfterSeconds: 5, cause: error })
  const kind = kindOfState[sqlState(error) ?? '']
  if (kind) return new Failure(kind, { cause: error, ...(kind.status === 503 ? { retryAfterSeconds: 5 } : {}) })
  return new Failure(platform.unexpected, { cause: error })
}

const noRoom = 'There is no room left for changes. Nothing was changed, and everything can be read.'

/** Outcomes of PostgreSQL that are nobody's defect (appendix A, "Error Codes"). */
const kindOfState: Readonly<Record<string, FailureKind>> = {
  '40001': platform.conflict, // serialization_failure
  '40P01': platform.conflict, // deadlock_detected
  '55P03': platform.conflict, // lock_not_available
  '23505': platform.conflict, // unique_violation: somebody took the name between the look and the write
  '57014': platform.tooSlow, // query_canceled: statement_timeout
  '25P03': platform.tooSlow, // idle_in_transaction_session_timeout
}
