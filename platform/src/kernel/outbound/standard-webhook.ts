import { createHmac, randomBytes } from 'node:crypto'

/** Messages as Standard Webhooks has them (standardwebhooks.com, version 1): id, time, and a signature over both and the body. */

const secretPrefix = 'whsec_'
const secretBytes = 32

/** `whsec_` and base64 of 256 random bits. */
export function newWebhookSecret(): string {
  return `${secretPrefix}${randomBytes(secretBytes).toString('base64')}`
}

/** `id` is the same when the same message is sent again. */
export function webhookHeaders(secret: string, message: { id: string; body: string; sentAtMs: number }) {
  const { id, body, sentAtMs } = message
  const timestamp = String(Math.floor(sentAtMs / 1_000))
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
