import { failure } from '#kernel/errors/failure'

export const credentialsWrong = failure('identity.credentials_wrong', {
  status: 401,
  title: 'The e-mail address or the password is wrong.',
  help: 'Both cases answer alike on purpose, and so does an address without an account. Reset the password if you cannot remember it.',
})
export const emailUnverified = failure('identity.email_unverified', {
  status: 403,
  title: 'Confirm your e-mail address first.',
  help: 'The password is right, but the link that was mailed to the address has not been opened yet. Ask for a new one if it is lost. With an outside identity provider: its token says that the address is not verified, or does not name one.',
})
export const emailTaken = failure('identity.email_taken', {
  status: 403,
  title: 'Another account of your identity provider has this address.',
  help: 'The address belonged to somebody else at the identity provider before, whose account is still here. An administrator has to change the address of one of the two.',
})
export const emailInvalid = failure('identity.email_invalid', {
  status: 422,
  title: 'Mail cannot be sent to this address.',
  help: 'The address needs a name, an @ and a domain with a dot, in ASCII.',
})
export const passwordWeak = failure('identity.password_weak', {
  status: 422,
  title: 'This password is too easy to guess.',
  help: 'Take 12 to 256 characters that are no common or leaked password, no row of the keyboard and not your own address. Several unrelated words are good; no particular kinds of characters are needed.',
})
export const passwordWrong = failure('identity.password_wrong', {
  status: 422,
  title: 'Your current password is not this one.',
  help: 'To set a new password, the current one is asked for again, also when you are signed in. Reset it by mail if you cannot remember it.',
})
export const mailTokenInvalid = failure('identity.mail_token_invalid', {
  status: 422,
  title: 'This link has been used already or has expired.',
  help: 'Links to confirm an address hold for 24 hours, links to reset a password for one hour, links to undo a change of address for 72 hours; each works once, and a newer password voids the older links. Ask for a new one.',
})
export const signInExpired = failure('identity.sign_in_expired', {
  status: 401,
  title: 'Sign in again: this took too long.',
  help: 'The second factor is asked for within ten minutes after the password, and a new password voids a sign-in that waits. Begin again with address and password.',
})
export const codeWrong = failure('identity.code_wrong', {
  status: 422,
  title: 'This code is wrong, or it was used before.',
  help: 'A code of the app holds for half a minute and works once: wait for the next one. Check that the clock of your phone is right. A recovery code works once, too.',
})
export const authenticatorMissing = failure('identity.authenticator_missing', {
  status: 409,
  title: 'No authenticator app is set up for this account.',
  help: 'Set one up under account, security. It counts once a first code of it has been confirmed. Whoever has only passkeys proves a passkey or a recovery code.',
})
export const authenticatorPresent = failure('identity.authenticator_present', {
  status: 409,
  title: 'An authenticator app is set up already.',
  help: 'An account has one authenticator app. Turn the second factor off to set up another.',
})
export const passkeyRefused = failure('identity.passkey_refused', {
  status: 422,
  title: 'This passkey was not accepted.',
  help: 'A passkey must be of this site and of the account, must have seen its owner (by finger, face or PIN), and must answer within five minutes a question that nobody has answered yet. One that counts backwards was copied: remove it. Try again, or use another way to sign in.',
})
export const passkeysFull = failure('identity.passkeys_full', {
  status: 409,
  title: 'This account has as many passkeys as it can.',
  help: 'An account has at most 20 passkeys. Remove one that you use no more under account, security.',
})
export const factorNeeded = failure('identity.factor_needed', {
  status: 409,
  title: 'An organisation of yours asks for a second factor, and this is your only one.',
  help: 'Set up another passkey or an authenticator app first, or leave the organisation.',
})
export const external = failure('identity.external', {
  status: 409,
  title: 'Accounts are kept by your identity provider.',
  help: 'This installation accepts tokens of an outside OpenID Connect issuer. Sign up, sign in, reset passwords and end sessions there.',
})
export const tokenRefused = failure('identity.token_refused', {
  status: 401,
  title: 'This access token is not accepted.',
  help: 'It must come from the configured issuer, be meant for this audience, be within its time of validity and carry a signature by RS256, PS256, ES256 or EdDSA with a key that the issuer publishes.',
})
export const issuerUnreachable = failure('identity.issuer_unreachable', {
  status: 503,
  title: 'The identity provider cannot be reached at the moment.',
  help: 'The keys to check your token with could not be fetched. Try again after the seconds in Retry-After.',
})
