import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import Provider from 'oidc-provider'

export const audience = 'https://api.acme.test'
const clientId = 'workspace'
const redirectUri = 'https://app.acme.test/callback'

/** What the issuer's tokens say of each of its people, by subject. */
export type People = Record<string, { email?: string; email_verified?: boolean; name?: string }>

/** A private key of an issuer, as `oidc-provider` wants it. */
export async function newKey(alg: string, kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, kid, use: 'sig' }
}

/** A real OpenID Connect issuer on loopback; people sign in by naming their subject. */
export class TestIssuer {
  readonly people: People = {}
  /** Requests for the key set so far. */
  keyRequests = 0
  keys: JWK[]
  #server: Server | undefined
  #port = 0

  constructor(keys: JWK[]) {
    this.keys = keys
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, always on the same port once it has one; with the keys of the moment. */
  async start(): Promise<void> {
    // The first start is for a port: the issuer's URL is part of its configuration.
    const server = createServer((request, response) => handle?.(request, response))
    let handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    const provider = this.#provider()
    const callback = provider.callback()
    handle = (request, response) => {
      if (request.url === '/jwks') this.keyRequests += 1
      if (request.url?.startsWith('/interaction/')) void signInAsNamed(provider, request, response)
      else callback(request, response)
    }
  }

  async stop(): Promise<void> {
    this.#server?.close()
    this.#server?.closeAllConnections()
    if (this.#server) await once(this.#server, 'close')
  }

  /** An access token as a browser gets it: authorization code with PKCE (RFC 7636) and resource indicator (RFC 8707). */
  async accessToken(subject: string): Promise<string> {
    const verifier = randomBytes(32).toString('base64url')
    const asked = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid api',
      resource: audience,
      login_hint: subject,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const code = await this.#followToCode(`${this.url}/auth?${asked}`)
    const reply = await fetch(`${this.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        code,
        resource: audience,
      }),
    })
    const answer = (await reply.json()) as { access_token?: string }
    assert.ok(answer.access_token, JSON.stringify(answer))
    return answer.access_token
  }

  /** A token that this issuer would never give out, signed with one of its keys. */
  async forge(claims: JWTPayload, kid = this.keys[0]?.kid): Promise<string> {
    const key = this.keys.find((each) => each.kid === kid)
    assert.ok(key?.alg && key.kid)
    const seconds = Math.floor(Date.now() / 1000)
    const usual = { iss: this.url, aud: audience, sub: 'ada', iat: seconds, exp: seconds + 600 }
    const header = { alg: key.alg, kid: key.kid, typ: 'at+jwt' }
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader(header).sign(await importJWK(key))
  }

  async #followToCode(url: string): Promise<string> {
    const cookies = new Map<string, string>()
    for (let address = url, step = 0; step < 10; step += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const reply = await fetch(address, { redirect: 'manual', headers: { cookie } })
      for (const set of reply.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? []
        if (name !== undefined && value !== undefined) cookies.set(name, value)
      }
      const next = new URL(reply.headers.get('location') ?? '', address)
      if (next.href.startsWith(redirectUri)) return next.searchParams.get('code') ?? assert.fail(next.href)
      address = next.href
    }
    return assert.fail('the issuer redirected ten times')
  }

  #provider(): Provider {
    const alg = this.keys[0]?.alg
    return new Provider(this.url, {
      // Without `alg`, so that nothing but the verifier's own list says which algorithms a key may be used for.
      jwks: { keys: this.keys.map((key) => ({ ...key, alg: undefined })) },
      clients: [
        {
          client_id: clientId,
          redirect_uris: [redirectUri],
          token_endpoint_auth_method: 'none',
          id_token_signed_response_alg: alg,
        },
      ],
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'] },
      ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
      extraTokenClaims: (_: unknown, { accountId }: { accountId: string }) => this.people[accountId],
      features: {
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({ scope: 'api', audience, accessTokenFormat: 'jwt', jwt: { sign: { alg } } }),
        },
      },
    })
  }
}

async function signInAsNamed(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  const accountId = params.login_hint
  const grant = new provider.Grant({ accountId, clientId })
  grant.addOIDCScope('openid')
  grant.addResourceScope(audience, 'api')
  const grantId = await grant.save()
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } })
}
