import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceHashOf, programOf } from './known-devices.ts'

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36'

test('a program is told by its name and system, whatever its version', () => {
  assert.equal(programOf(firefox), 'Firefox, Windows')
  assert.equal(programOf(firefox.replaceAll('140', '141')), 'Firefox, Windows')
  assert.equal(programOf(chrome), 'Chrome, Linux')
  assert.equal(programOf('curl/8.14.1'), 'curl')
  assert.equal(programOf(undefined), '?')
})

test('a device is the same in its network, and for nobody else', () => {
  const device = deviceHashOf('ada', 'Chrome, Linux', '192.0.2.7')
  assert.equal(deviceHashOf('ada', 'Chrome, Linux', '192.0.77.1'), device)
  assert.equal(deviceHashOf('ada', 'Chrome, Linux', '::ffff:192.0.2.7'), device)
  const others = [
    deviceHashOf('bea', 'Chrome, Linux', '192.0.2.7'),
    deviceHashOf('ada', 'Firefox, Linux', '192.0.2.7'),
    deviceHashOf('ada', 'Chrome, Linux', '198.51.100.7'),
    deviceHashOf('ada', 'Chrome, Linux', '2001:db8::1'),
    deviceHashOf('ada', 'Chrome, Linux', undefined),
  ]
  assert.equal(new Set([device, ...others]).size, 6)
  assert.equal(
    deviceHashOf('ada', '?', '2001:db8:1::1'),
    deviceHashOf('ada', '?', '2001:db8:2:3::9'),
    'a provider has a /32',
  )
})
