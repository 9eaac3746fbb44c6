const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Throws unless a URL is on https, or on http at loopback, where nobody listens in. */
export function requireSecureOrigin(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname))) return
  throw new Error(`${url.origin} must be on https, or on http at a loopback address`)
}
