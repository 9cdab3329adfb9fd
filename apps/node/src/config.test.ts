import { expect, test } from 'vitest'
import { readSettings } from './config.ts'

test('an empty environment gives a node for this machine', () => {
  expect(readSettings({ CHENGXIN_PORT: '' })).toEqual({
    host: 'localhost',
    port: 8080,
    dataDirectory: `${process.cwd()}/data`,
    publicUrl: 'http://localhost:8080',
    isPublicUrlSet: false,
    trustedProxies: [],
    databaseUrl: undefined,
    vaultBucket: undefined,
    wallets: {},
    logLevel: 'warn',
    admissionThreads: undefined,
    snapshots: { kept: 2, everyMs: 900_000 },
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
  [{ CHENGXIN_VAULT_S3: 'https://s3.example' }, 'CHENGXIN_VAULT_S3 should be an address'],
  [
    {
      CHENGXIN_VAULT_S3: 'https://s3.example/bucket/../other',
      CHENGXIN_VAULT_S3_REGION: 'A b',
      CHENGXIN_VAULT_S3_KEY_FILE: 'k',
    },
    'CHENGXIN_VAULT_S3_REGION should be a name',
  ],
  [{ CHENGXIN_VAULT_S3: 'https://s3.example/bucket/a%2Fb' }, 'CHENGXIN_VAULT_S3 should be an address'],
  [{ CHENGXIN_VAULT_S3: 'https://id:secret@s3.example/bucket' }, 'CHENGXIN_VAULT_S3 should be an address'],
  [{ CHENGXIN_VAULT_S3: 'http://s3.example/bucket' }, 'CHENGXIN_VAULT_S3 should begin with https://'],
  [{ CHENGXIN_VAULT_S3: 'https://s3.example/bucket' }, 'CHENGXIN_VAULT_S3 needs CHENGXIN_VAULT_S3_KEY_FILE'],
  [{ CHENGXIN_PROXIES: 'proxy.example' }, 'CHENGXIN_PROXIES should be addresses or networks'],
  [{ CHENGXIN_PROXIES: '10.0.0.0/33' }, 'CHENGXIN_PROXIES should be addresses or networks'],
  [{ CHENGXIN_PROXIES: '127.0.0.1,0.0.0.0/0' }, 'CHENGXIN_PROXIES should be addresses or networks'],
  [{ CHENGXIN_PROXIES: 'true' }, 'CHENGXIN_PROXIES should be addresses or networks'],
  [{ CHENGXIN_WALLETS: 'https://wallet.example' }, 'CHENGXIN_WALLETS should be pairs'],
  [{ CHENGXIN_WALLETS: 'wallet=http://wallet.example/back' }, 'CHENGXIN_WALLETS should be pairs'],
  [{ CHENGXIN_WALLETS: 'wallet=https://wallet.example/back#here' }, 'CHENGXIN_WALLETS should be pairs'],
  [{ CHENGXIN_WALLETS: 'wallet=javascript:alert(1)' }, 'CHENGXIN_WALLETS should be pairs'],
  [{ CHENGXIN_LOG_LEVEL: 'loud' }, 'CHENGXIN_LOG_LEVEL should be one of'],
  [{ CHENGXIN_ADMISSION_THREADS: '0' }, 'CHENGXIN_ADMISSION_THREADS should be 1 to 256'],
])('%j is a fault', (environment, sentence) => {
  expect(() => readSettings(environment)).toThrow(sentence)
})

test('a fault never repeats a password', () => {
  expect(() => readSettings({ DATABASE_URL: 'mysql://u:secret@host/db' })).not.toThrow('secret')
  expect(() => readSettings({ CHENGXIN_VAULT_S3: 'https://id:secret@s3.example/b' })).not.toThrow('secret@')
})

test('proxies are addresses and networks', () => {
  const { trustedProxies } = readSettings({ CHENGXIN_PROXIES: '127.0.0.1, ::1,10.1.0.0/16' })
  expect(trustedProxies).toEqual(['127.0.0.1', '::1', '10.1.0.0/16'])
})

test('a bucket is named by an address, a region and the file of its key', () => {
  const environment = {
    CHENGXIN_VAULT_S3: 'https://s3.example:9000/bucket/vault/',
    CHENGXIN_VAULT_S3_KEY_FILE: '/run/key',
  }
  const bucket = { url: 'https://s3.example:9000/bucket/vault', region: 'us-east-1', keyFile: '/run/key' }
  expect(readSettings(environment).vaultBucket).toEqual(bucket)
  const elsewhere = readSettings({ ...environment, CHENGXIN_VAULT_S3_REGION: 'ap-east-1' })
  expect(elsewhere.vaultBucket?.region).toBe('ap-east-1')
})

test('wallets are known by their ids, each with the addresses that it may be sent back to', () => {
  const text =
    'https://wallet.example=https://wallet.example/back?from=city, app=example.wallet:/back,app=http://127.0.0.1:9/b'
  expect(readSettings({ CHENGXIN_WALLETS: text }).wallets).toEqual({
    'https://wallet.example': ['https://wallet.example/back?from=city'],
    app: ['example.wallet:/back', 'http://127.0.0.1:9/b'],
  })
})
