const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a URL is on https; false for http on loopback, where nobody listens in. Any other URL throws. */
export function isHttps(url: URL): boolean {
  if (url.protocol === 'https:') return true
  if (url.protocol === 'http:' && loopbackHosts.has(url.hostname)) return false
  throw new Error(`${url.origin} must be on https, or on http at a loopback address`)
}
