import { describe, expect, test } from 'vitest'
import { isPublicAddress, mayBeAsked, sendOutside } from './outbound.ts'

describe('what a resident’s link can make the node ask', () => {
  test.each([
    'http://issuer.example/offer',
    'https://localhost/offer',
    'https://127.0.0.1/offer',
    'https://127.1/offer',
    'https://2130706433/offer',
    'https://0x7f000001/offer',
    'https://[::1]/offer',
    'https://[::ffff:127.0.0.1]/offer',
    'https://[fd00::1]/offer',
    'https://10.0.0.1/offer',
    'https://169.254.169.254/latest/meta-data',
    'https://192.168.1.1/',
    'https://user:pass@issuer.example/',
    'file:///etc/passwd',
    'no link',
  ])('not %s', async (url) => {
    expect(mayBeAsked(url)).toBe(false)
    await expect(sendOutside({ method: 'GET', url, headers: {}, body: '' })).rejects.toThrow('Only public addresses')
  })

  test.each(['https://issuer.example/offer', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'])('%s', (url) => {
    expect(mayBeAsked(url)).toBe(true)
  })

  test('a public name that leads to a private address is not followed', async () => {
    expect(isPublicAddress('172.31.255.255')).toBe(false)
    expect(isPublicAddress('172.32.0.1')).toBe(true)
    expect(isPublicAddress('::ffff:10.0.0.1')).toBe(false)
    expect(isPublicAddress('no address')).toBe(false)
  })
})
