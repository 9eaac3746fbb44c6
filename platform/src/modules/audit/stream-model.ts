import { id, instant, line, version, z } from '#kernel/schema'

export const StreamFormat = z
  .enum(['jsonl', 'cloudevents'])
  .describe('Lines of JSON, or a batch of CloudEvents 1.0 in JSON.')

export const StreamName = line({ max: 100 })

/** What it may lead to is for kernel/outbound to say. */
export const StreamUrl = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[\x21-\x7e]+$/)
  .describe('Where to send, by https: port 443, 8088 or 8443 of an address of the internet.')

export const AuditStream = z.object({
  id: id(),
  name: StreamName,
  url: z.string().max(2_000),
  format: StreamFormat,
  state: z.enum(['active', 'paused']),
  waiting: z.number().int().min(0).describe('Seals that are not delivered yet; each holds up to 1,000 entries.'),
  failures: z.number().int().min(0).describe('Attempts that failed since the last that did not.'),
  lastError: z.string().max(1_000).nullable(),
  attemptedAt: instant().nullable(),
  deliveredAt: instant().nullable(),
  nextAttemptAt: instant().nullable().describe('Null unless the last attempt failed.'),
  testAskedAt: instant().nullable().describe('Set until the test event was sent.'),
  testedAt: instant().nullable(),
  testError: z.string().max(1_000).nullable().describe('Null once tested: the test event was accepted.'),
  createdAt: instant(),
  version: version(),
})

/** The only time the secret is shown. */
export const NewAuditStream = AuditStream.extend({
  secret: z.string().max(100).describe('Requests are signed with it, as Standard Webhooks has it.'),
})
