import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type {
  PasskeyAssertion,
  PasskeyCreationOptions,
  PasskeyRegistration,
  PasskeyRequestOptions,
} from './passkey-model.ts'

const userPresent = 0x01
const userVerified = 0x04
const hasCredential = 0x40

/** What an authenticator is made to do that no honest one does. */
export interface Misbehaviour {
  readonly origin?: string
  readonly crossOrigin?: boolean
  readonly challenge?: string
  readonly rpId?: string
  readonly counter?: number
  readonly type?: string
  readonly userVerified?: boolean
}

/** An authenticator in software with one passkey: browser and device in one, which sign for whatever origin they are told. */
export class SoftwarePasskey {
  readonly id = randomBytes(32).toString('base64url')
  readonly origin: string
  readonly #privateKey: KeyObject
  readonly #publicKey: KeyObject
  #counter = 0

  constructor(origin = 'http://localhost:3000') {
    this.origin = origin
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#privateKey = privateKey
    this.#publicKey = publicKey
  }

  /** As `navigator.credentials.create` answers. */
  register(
    { rp, challenge }: Pick<PasskeyCreationOptions, 'rp' | 'challenge'>,
    wrong: Misbehaviour = {},
  ): PasskeyRegistration {
    const credential = Buffer.from(this.id, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(credential.length)
    const made = Buffer.concat([Buffer.alloc(16), length, credential, this.#coseKey()])
    const data = Buffer.concat([this.#authenticatorData(rp.id, wrong, hasCredential), made])
    // CBOR: a map of fmt "none", an empty attStmt, and authData.
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      Buffer.from([0xa0]),
      cborText('authData'),
      cborBytes(data),
    ])
    return {
      id: this.id,
      clientDataJSON: this.#clientData('webauthn.create', challenge, wrong).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    }
  }

  /** As `navigator.credentials.get` answers. */
  prove(
    { rpId, challenge }: Pick<PasskeyRequestOptions, 'rpId' | 'challenge'>,
    wrong: Misbehaviour = {},
  ): PasskeyAssertion {
    const clientData = this.#clientData('webauthn.get', challenge, wrong)
    const data = this.#authenticatorData(rpId, wrong)
    const signed = Buffer.concat([data, createHash('sha256').update(clientData).digest()])
    return {
      id: this.id,
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#privateKey).toString('base64url'),
    }
  }

  #clientData(type: string, challenge: string, wrong: Misbehaviour): Buffer {
    const { origin = this.origin, crossOrigin = false } = wrong
    const said = { type: wrong.type ?? type, challenge: wrong.challenge ?? challenge, origin, crossOrigin }
    return Buffer.from(JSON.stringify(said))
  }

  /** WebAuthn Level 3, §6.1. */
  #authenticatorData(rpId: string, wrong: Misbehaviour, more = 0): Buffer {
    this.#counter += 1
    const rest = Buffer.alloc(5)
    rest.writeUInt8(userPresent | (wrong.userVerified === false ? 0 : userVerified) | more)
    rest.writeUInt32BE(wrong.counter ?? this.#counter, 1)
    const site = createHash('sha256')
      .update(wrong.rpId ?? rpId)
      .digest()
    return Buffer.concat([site, rest])
  }

  /** RFC 9053 §7.1.1: key type EC2 (1: 2), ES256 (3: -7), P-256 (-1: 1), and both coordinates (-2, -3). */
  #coseKey(): Buffer {
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' })
    const [across, along] = [x, y].map((coordinate) => cborBytes(Buffer.from(coordinate, 'base64url'))) as [
      Buffer,
      Buffer,
    ]
    const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21])
    return Buffer.concat([head, across, Buffer.from([0x22]), along])
  }
}

/** RFC 8949 §3.1, for texts below 24 bytes. */
function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)])
}

/** RFC 8949 §3.1, for less than 64 KiB. */
function cborBytes(bytes: Buffer): Buffer {
  const head = bytes.length < 256 ? [0x58, bytes.length] : [0x59, bytes.length >> 8, bytes.length & 0xff]
  return Buffer.concat([Buffer.from(head), bytes])
}
