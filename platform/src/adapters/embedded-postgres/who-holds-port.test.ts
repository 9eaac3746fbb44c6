import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { whoHoldsPort } from './who-holds-port.ts'

test('the process that listens on a port is named, and nobody once it has stopped', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const holder = await whoHoldsPort(port)
  await new Promise((resolve) => server.close(resolve))

  assert.equal(holder?.pid, process.pid)
  assert.match(holder?.command ?? '', /node/)
  assert.equal(await whoHoldsPort(port), undefined)
})

test('a listener on every address of both families is found too', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  const { port } = server.address() as AddressInfo
  const holder = await whoHoldsPort(port)
  await new Promise((resolve) => server.close(resolve))
  assert.equal(holder?.pid, process.pid)
})
