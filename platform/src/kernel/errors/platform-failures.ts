import { failure } from './failure.ts'

/** What any operation may answer without declaring it: the pipeline and the surfaces say these themselves. */

export const malformed = failure('request.malformed', {
  status: 400,
  title: 'The request could not be read.',
  help: 'The request line, a header, the address or the JSON body is not well formed. Send UTF-8 JSON that a strict parser accepts, without duplicate or reserved keys.',
})
export const invalid = failure('request.invalid', {
  status: 400,
  title: 'Some fields are not as they should be.',
  help: 'Each entry of `errors` names one field by JSON pointer and says what is wrong with it. Unknown fields are refused too.',
})
export const unauthenticated = failure('request.unauthenticated', {
  status: 401,
  title: 'Sign in to do this.',
  help: 'No session cookie or API key came with the request, or it has expired or was revoked. Sign in again, or use a valid key.',
})
export const forbidden = failure('request.forbidden', {
  status: 403,
  title: 'You may not do this.',
  help: "You are known and a member, but none of your roles, or of the key's scopes, has the permission that the operation needs. An owner or administrator can grant it.",
})
export const contradictory = failure('request.contradictory', {
  status: 403,
  title: 'The request names two different tenants or identities.',
  help: 'An API key belongs to one tenant. Leave the Tenant header out, or name the tenant of the key; send a key or a session, not both.',
})
export const crossOrigin = failure('request.cross_origin', {
  status: 403,
  title: 'This request came from another site.',
  help: 'Changes made with a session cookie must come from the workspace itself. Programs use an API key.',
})
export const unknownRoute = failure('request.unknown_route', {
  status: 404,
  title: 'There is nothing at this address.',
  help: 'Compare the path with the API reference at /api/v1/docs.',
})
export const notFound = failure('resource.not_found', {
  status: 404,
  title: 'There is no such record.',
  help: 'It never existed, was deleted for good, or belongs to somebody else: the answer is the same in all three cases.',
})
export const tenantNotFound = failure('tenant.not_found', {
  status: 404,
  title: 'There is no such organisation, or you are not a member of it.',
  help: 'Check the Tenant header: the slug or id of an organisation of yours. Both cases answer alike on purpose.',
})
export const tenantMissing = failure('tenant.missing', {
  status: 400,
  title: 'Say which organisation you mean.',
  help: "Operations on an organisation's data need the header `Tenant` with its slug or id. API keys carry it themselves.",
})
export const tenantReadOnly = failure('tenant.read_only', {
  status: 403,
  title: 'This organisation can be read, but not changed.',
  help: 'Everything in it can still be read. The audit log names the reason; contact support to have changes allowed again.',
})
export const entitlementExhausted = failure('entitlement.exhausted', {
  status: 422,
  title: 'Your plan allows no more of these.',
  help: 'The plan says how many of them an organisation may have, and `/usage` how many there are. Delete some, or change to a plan that allows more. What is in the trash does not count, and counts again once it is restored.',
})
export const tenantSuspended = failure('tenant.suspended', {
  status: 403,
  title: 'This organisation is suspended.',
  help: 'Its data is kept but cannot be used at the moment. Contact support.',
})
export const tenantCancelled = failure('tenant.cancelled', {
  status: 403,
  title: 'This organisation was cancelled.',
  help: 'Its data is kept for 30 days after the cancellation and deleted then. Until that day its owner can restore it.',
})
export const tenantProvisioning = failure('tenant.provisioning', {
  status: 503,
  title: 'This organisation is still being set up.',
  help: 'Try again after the seconds in Retry-After. Setting up usually takes less than a second.',
})
export const tenantMigrating = failure('tenant.migrating', {
  status: 503,
  title: 'This organisation is being brought to a new release.',
  help: 'Its data is safe, and other organisations are served. Try again after the seconds in Retry-After.',
})
export const tenantUnreachable = failure('tenant.unreachable', {
  status: 503,
  title: 'The place where this organisation lives cannot be reached at the moment.',
  help: 'Nothing was done. Its data is safe, and organisations in other places are served. Try again after the seconds in Retry-After.',
})
export const tenantOutsideRegion = failure('tenant.outside_region', {
  status: 503,
  title: 'This organisation would be served from outside its region, so it is not.',
  help: 'Nothing was read or written. The place that its data is in is configured for another region than the organisation was founded for: whoever runs the platform must correct that.',
})
export const placeUnknown = failure('place.unknown', {
  status: 422,
  title: 'There is no such region or cell here.',
  help: 'The regions and cells of this installation are named in the answer. Without a choice the platform takes one itself.',
})
export const secondFactorRequired = failure('tenant.mfa_required', {
  status: 403,
  title: 'This organisation asks for a second factor.',
  help: 'Sign in with a second factor to work there. Whoever has none sets one up under account, security; the session that does so counts at once.',
})
export const consoleSessionRequired = failure('staff.console_session_required', {
  status: 403,
  title: 'Sign in to the staff console to do this.',
  help: 'What staff do needs a session of the staff console; one of the workspace does not count. Open /staff and sign in there. Programs send the header `Tenantry-Console: 1` when they sign in, and with each request.',
})
export const staffSecondFactorRequired = failure('staff.second_factor_required', {
  status: 403,
  title: 'The staff console asks for a second factor.',
  help: 'Set one up in the workspace under account, security, and sign in to the console with it.',
})
export const supportEnded = failure('support.session_over', {
  status: 403,
  title: 'This support session is over.',
  help: "Its time has passed, somebody ended it, it was not approved yet, or it is another person's. Open another one in the staff console.",
})
export const supportForbidden = failure('support.forbidden', {
  status: 403,
  title: 'This cannot be done in a support session.',
  help: 'Secrets, billing, exports, roles and what asks for a fresh proof stay with the members of the organisation, whatever the session may do.',
})
export const supportReadOnly = failure('support.read_only', {
  status: 403,
  title: 'This support session may only read.',
  help: 'Raise it in the staff console, with a reason, to change something.',
})
export const sessionTooOld = failure('tenant.session_too_old', {
  status: 403,
  title: 'For this organisation you have to sign in again.',
  help: 'It limits how old a session may be, or how long it may be left alone. Sign in again; other organisations are not affected.',
})
export const stepUpRequired = failure('session.step_up_required', {
  status: 403,
  title: 'Prove that it is you first.',
  help: 'This needs a password or a second factor that was proved within the last ten minutes: call `sessions.stepUp`, then repeat the request. API keys are not asked.',
})
export const methodNotAllowed = failure('request.method_not_allowed', {
  status: 405,
  title: 'This address does not know that method.',
  help: 'The Allow header lists the methods that it knows.',
})
export const notAcceptable = failure('request.not_acceptable', {
  status: 406,
  title: 'The platform only answers in JSON.',
  help: 'Send `Accept: application/json`, or leave the header out.',
})
export const requestTimeout = failure('request.timeout', {
  status: 408,
  title: 'The request took too long to arrive.',
  help: 'Send the whole request within the time limit.',
})
export const conflict = failure('request.conflict', {
  status: 409,
  title: 'Somebody else changed this at the same moment.',
  help: 'Nothing was changed by your request. Read the record again and repeat it.',
})
export const idempotencyInFlight = failure('request.in_flight', {
  status: 409,
  title: 'The same request is still being carried out.',
  help: 'A request with this Idempotency-Key came before and has not ended. Repeat yours, with the same key, after the seconds in Retry-After: you will get the answer of the first.',
})
export const idempotencyMismatch = failure('request.key_reused', {
  status: 422,
  title: 'This Idempotency-Key was used for something else.',
  help: 'A key stands for one request: the same operation with the same path, query and body. Make a new key, such as a random UUID, for each thing you want done.',
})
export const idempotencyKeyMissing = failure('request.key_missing', {
  status: 400,
  title: 'This needs an Idempotency-Key.',
  help: 'What sends something or moves money must not happen twice because an answer was lost. Send the header Idempotency-Key with 1 to 255 printable characters, such as a random UUID, and the same one when you repeat the request.',
})
export const preconditionFailed = failure('request.precondition_failed', {
  status: 412,
  title: 'This was changed since you read it.',
  help: 'The version in If-Match is not the current one. Read the record again, carry your change over, and send its new ETag.',
})
export const preconditionMissing = failure('request.precondition_missing', {
  status: 428,
  title: 'Say which version you change.',
  help: 'This replaces something as a whole, and what somebody else has set meanwhile would be lost. Read it, and send its ETag as If-Match; `*` replaces it whatever it is.',
})
export const tooLarge = failure('request.too_large', {
  status: 413,
  title: 'The request is too large.',
  help: 'Bodies may have 1 MB, 32 levels of nesting and 1,000 entries in an array.',
})
export const addressTooLong = failure('request.address_too_long', {
  status: 414,
  title: 'The address is too long.',
  help: 'Shorten the path or the query.',
})
export const unsupportedMedia = failure('request.unsupported_media', {
  status: 415,
  title: 'This kind of content is not understood here.',
  help: 'Send the body as `Content-Type: application/json`, in UTF-8 and not compressed.',
})
export const tenantBusy = failure('tenant.busy', {
  status: 429,
  title: 'This organisation has too many requests in work at the same moment.',
  help: 'Nothing was done. Wait for answers before you send more, and try again after the seconds in Retry-After. Other organisations are not affected.',
})
export const tenantRateLimited = failure('tenant.rate_limited', {
  status: 429,
  title: 'There were too many requests in the last 60 seconds.',
  help: 'Nothing was done. The organisation, or you, or your API key has reached a limit of the plan: `RateLimit` names the one with `r=0`, and Retry-After the seconds until more is free. From 80 % on `RateLimit` carries `tenantry-warning`. Usage, in the workspace, shows all of it.',
})
export const throttled = failure('request.throttled', {
  status: 429,
  title: 'Too many attempts. Wait a little.',
  help: 'Try again after the seconds in Retry-After.',
})
export const headersTooLarge = failure('request.headers_too_large', {
  status: 431,
  title: 'The headers are too large.',
  help: 'All headers together may have 16 KB.',
})
export const unexpected = failure('platform.unexpected', {
  status: 500,
  title: 'Something went wrong on our side.',
  help: 'Nothing was changed. The request id finds the cause in our logs: name it when you contact support.',
})
export const unavailable = failure('platform.unavailable', {
  status: 503,
  title: 'The service is not available at the moment.',
  help: 'Your request was not carried out, or its outcome is unknown if the connection to the database was lost at the very end. Try again after the seconds in Retry-After.',
})
export const overloaded = failure('platform.overloaded', {
  status: 503,
  title: 'There is more to do at the moment than can be done.',
  help: 'Nothing was done. Try again after the seconds in Retry-After, and wait longer each time. Exports are refused first, then reads, then changes; signing in has room of its own.',
})
export const tooSlow = failure('platform.too_slow', {
  status: 503,
  title: 'This took too long and was stopped.',
  help: 'Nothing was changed. Ask for less at once, or try again later.',
})
