import { isHttps } from './secure-origin.ts'
import { isToken } from './session-token.ts'

/**
 * The session cookie of a workspace at `publicUrl`. On https it is `__Host-` prefixed, so that no sibling domain can set
 * it (RFC 6265bis §4.1.3.2); on http, which is for loopback only, it has a plain name.
 * SameSite=Lax keeps it out of other sites' requests but lets a link from a mail arrive signed in.
 */
export class SessionCookie {
  readonly name: string
  readonly #attributes: string

  constructor(publicUrl: URL) {
    const secure = isHttps(publicUrl)
    this.name = secure ? '__Host-tenantry_session' : 'tenantry_session'
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  }

  /** The token that a Cookie header brings; undefined when there is none, or several that differ. */
  read(header: string | undefined): string | undefined {
    const values = (header ?? '').split(';').flatMap((pair) => {
      const [name, value] = pair.split('=', 2)
      return name?.trim() === this.name && value !== undefined ? [value.trim()] : []
    })
    const [token] = values
    return token !== undefined && values.every((value) => value === token) && isToken(token) ? token : undefined
  }

  /** The Set-Cookie header that keeps a session until it ends. Both instants are ISO 8601. */
  keep({ token, expiresAt }: { token: string; expiresAt: string }, now: string): string {
    const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - Date.parse(now)) / 1000))
    return `${this.name}=${token}; Max-Age=${seconds}; ${this.#attributes}`
  }

  /** The Set-Cookie header that removes it. */
  forget(): string {
    return `${this.name}=; Max-Age=0; ${this.#attributes}`
  }
}
