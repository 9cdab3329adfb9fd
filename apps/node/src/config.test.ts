import { expect, test } from 'vitest'
import { readSettings } from './config.ts'

test('an empty environment gives a node for this machine', () => {
  expect(readSettings({ CHENGXIN_PORT: '' })).toEqual({
    host: 'localhost',
    port: 8080,
    dataDirectory: `${process.cwd()}/data`,
    publicUrl: 'http://localhost:8080',
    isPublicUrlSet: false,
    databaseUrl: undefined,
    logLevel: 'warn',
    admissionThreads: undefined,
  })
})

test.each([
  [{ CHENGXIN_HOST: '0.0.0.0', CHENGXIN_PORT: '9000' }, 'http://localhost:9000'],
  [{ CHENGXIN_HOST: '127.0.0.1' }, 'http://localhost:8080'],
  [{ CHENGXIN_HOST: 'node.city.example' }, 'http://node.city.example:8080'],
  [{ CHENGXIN_PUBLIC_URL: 'https://city.example/' }, 'https://city.example'],
  [{ CHENGXIN_PUBLIC_URL: 'https://city.example:8443' }, 'https://city.example:8443'],
  [{ CHENGXIN_PUBLIC_URL: 'http://localhost:8080' }, 'http://localhost:8080'],
])('%j is reached at %s', (environment, publicUrl) => {
  expect(readSettings(environment).publicUrl).toBe(publicUrl)
})

test.each([
  [{ CHENGXIN_PORT: '80800' }, 'CHENGXIN_PORT should be 0 to 65535'],
  [{ CHENGXIN_PORT: '0x50' }, 'CHENGXIN_PORT should be 0 to 65535'],
  [{ CHENGXIN_PUBLIC_URL: 'city.example' }, 'CHENGXIN_PUBLIC_URL should be an address'],
  [{ CHENGXIN_PUBLIC_URL: 'http://city.example' }, 'CHENGXIN_PUBLIC_URL should begin with https://'],
  [{ CHENGXIN_PUBLIC_URL: 'https://city.example/node' }, 'CHENGXIN_PUBLIC_URL should have no path'],
  [{ CHENGXIN_PUBLIC_URL: 'https://city.example/?a=1' }, 'CHENGXIN_PUBLIC_URL should be an address'],
  [{ DATABASE_URL: 'mysql://u:secret@host/db' }, 'DATABASE_URL should begin with postgresql://'],
  [{ CHENGXIN_LOG_LEVEL: 'loud' }, 'CHENGXIN_LOG_LEVEL should be one of'],
  [{ CHENGXIN_ADMISSION_THREADS: '0' }, 'CHENGXIN_ADMISSION_THREADS should be 1 to 256'],
])('%j is a fault', (environment, sentence) => {
  expect(() => readSettings(environment)).toThrow(sentence)
})

test('a fault never repeats a password', () => {
  expect(() => readSettings({ DATABASE_URL: 'mysql://u:secret@host/db' })).not.toThrow('secret')
})
