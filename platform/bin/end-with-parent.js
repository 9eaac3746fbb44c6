// Preloaded into the child that run-child.js starts. The query names the parent, because Node hands preloads on to
// processes the child starts; those have another parent and are not meant.
const parent = Number(new URL(import.meta.url).searchParams.get('parent'))

if (process.ppid === parent && process.connected) {
  // The channel closes when the parent dies, however it dies. The child then ends as if it had been hit by the same
  // kill -9, together with everything it started in its process group.
  process.once('disconnect', () => process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL'))
  process.channel.unref()
}
