import { createHash } from 'node:crypto'
import type { Signatures } from '#kernel/signature'
import type { Chain } from './chain.ts'

/** What stands for the beginning of a chain that retention has removed. */
export interface Anchor {
  /** Of the last seal that was removed. */
  readonly number: number
  /** Of that seal: the next one covers it. */
  readonly digest: Buffer
  /** Events that were removed from this chain by then, all together. */
  readonly events: number
  /** ISO 8601 */
  readonly removedAt: string
  readonly signature: Buffer
}

type Removal = Omit<Anchor, 'signature'>

export function signedAnchor(chain: Omit<Chain, 'place'>, removal: Removal, signatures: Signatures): Anchor {
  return { ...removal, signature: signatures.sign(anchorDigest(chain, removal)) }
}

export function isAnchorSigned(chain: Omit<Chain, 'place'>, anchor: Anchor, signatures: Signatures): boolean {
  return signatures.hasSigned(anchorDigest(chain, anchor), anchor.signature)
}

/** Every text ends with NUL, and the digest has its length: nothing of it can be taken for something else. */
function anchorDigest(
  { tenantId, kind }: Omit<Chain, 'place'>,
  { number, digest, events, removedAt }: Removal,
): Buffer {
  const texts = ['audit anchor', tenantId, kind, number, events, removedAt]
  return createHash('sha256')
    .update(texts.map((value) => `${value}\0`).join(''))
    .update(digest)
    .digest()
}
