/** Only addresses of our own: a link from elsewhere must not send people away after they have signed in. */
export function ownAddress(next = '/'): string {
  const url = new URL(next, location.origin)
  return url.origin === location.origin ? url.pathname + url.search : '/'
}
