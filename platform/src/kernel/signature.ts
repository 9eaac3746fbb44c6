import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { derivedKey } from './database/roles.ts'

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410 §7). */
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Signatures of this installation for one purpose: Ed25519 (RFC 8032), under a key that follows from its secret. */
export class Signatures {
  readonly #privateKey: KeyObject
  readonly #publicKey: KeyObject

  constructor(secret: string, purpose: string) {
    const der = Buffer.concat([pkcs8Start, derivedKey(secret, purpose)])
    this.#privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    this.#publicKey = createPublicKey(this.#privateKey)
  }

  /** base64 of the key's DER (SubjectPublicKeyInfo, RFC 8410): whoever has noted it can check without the installation. */
  get publicKey(): string {
    return this.#publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  }

  /** 64 bytes. */
  sign(content: Buffer): Buffer {
    return sign(null, content, this.#privateKey)
  }

  hasSigned(content: Buffer, signature: Buffer): boolean {
    return verify(null, content, this.#publicKey, signature)
  }
}
