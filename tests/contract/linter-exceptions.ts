/** A finding of a linter that we leave as it is. One that finds nothing any more fails the test. */
export interface LinterException {
  readonly rule: string
  /** Where it may be found, as the path of the finding; everywhere when absent. */
  readonly places?: RegExp
  readonly because: string
}

export const redoclyExceptions: readonly LinterException[] = [
  {
    rule: 'no-ambiguous-paths',
    places: /staff~1(\{userId\}~1|users~1)/,
    because:
      'Below /staff stand collections, such as /staff/tenants, and people of staff by their UUID: no UUID is a word.',
  },
]

export const owaspExceptions: readonly LinterException[] = [
  {
    rule: 'owasp:api8:2023-define-cors-origin',
    because: 'No other origin may read replies in a browser: the header is not sent, on purpose. Programs need none.',
  },
  {
    rule: 'owasp:api4:2023-rate-limit',
    because: 'Operations without a tenant are throttled by what they protect, and do not count for a caller to see.',
  },
  {
    rule: 'owasp:api8:2023-define-error-responses-401',
    because:
      'Operations for everybody, such as signing up: a credential that is wrong is not looked at, so nobody is told.',
  },
  {
    rule: 'owasp:api4:2023-string-limit',
    places: /\.(token|from|until)$/,
    because: 'Their patterns say how long they are.',
  },
  {
    rule: 'owasp:api4:2023-string-limit',
    places: /\.responses\.2\d\d\./,
    because: 'Limits protect us from what comes in. What we answer was limited when it came in, or written by us.',
  },
  {
    rule: 'owasp:api4:2023-string-restricted',
    because:
      'What people write is restricted by patterns. Left are passwords, cursors and texts of replies, checked when they came in.',
  },
  {
    rule: 'owasp:api4:2023-array-limit',
    places: /\.responses\.2\d\d\./,
    because:
      'The same: pages of lists have at most 100 items, and what stands in an item has its limit where it is written.',
  },
]
