/**
 * A node's settings, read from the environment once, here and nowhere else. Secrets are not among them: see secrets.ts.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'

export interface Settings {
  readonly host: string
  readonly port: number
  /** Where this node keeps everything. */
  readonly dataDirectory: string
  /** The address under which others reach this node: in QR codes, issuers' URLs, and for passkeys. Without a slash at the end. */
  readonly publicUrl: string
  /** Whether somebody set it, or it is the address of this machine alone. */
  readonly isPublicUrlSet: boolean
  /** Addresses or networks of proxies before the node: limits count whom they name, not them. */
  readonly trustedProxies: readonly string[]
  /** PostgreSQL for the read model; PGlite in the data directory if absent. */
  readonly databaseUrl: string | undefined
  /** S3-compatible storage for the vault; the database if there is one, else a folder, if absent. */
  readonly vaultBucket: VaultBucketSettings | undefined
  /** Wallets that may send residents here to sign in: client id → addresses to send them back to. */
  readonly wallets: Wallets
  readonly logLevel: LogLevel
  /** Threads that check signatures; the number of cores if absent. */
  readonly admissionThreads: number | undefined
  /** Snapshots kept of each group for members that join, none where this is 0; and how far apart in block time they are. */
  readonly snapshots: { readonly kept: number; readonly everyMs: number }
}

export type Wallets = { readonly [clientId: string]: readonly string[] }

export interface VaultBucketSettings {
  /** `https://storage.example/bucket`, or with a prefix behind it; without a slash at the end. */
  readonly url: string
  readonly region: string
  /** Lines of text: the id of the access key, its secret, and a session token where the key is lent. */
  readonly keyFile: string
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

type Environment = { readonly [name: string]: string | undefined }

/** A setting that makes no sense: the sentence says which, and what would. */
export class SettingFault extends Error {
  override readonly name = 'SettingFault'
}

export function readSettings(environment: Environment): Settings {
  const host = environment['CHENGXIN_HOST'] || 'localhost'
  const port = portOf(environment['CHENGXIN_PORT'] || '8080')
  const given = environment['CHENGXIN_PUBLIC_URL'] || undefined
  const threads = environment['CHENGXIN_ADMISSION_THREADS'] || undefined
  return {
    host,
    port,
    dataDirectory: resolve(environment['CHENGXIN_DATA'] || 'data'),
    publicUrl: given === undefined ? localUrl(host, port) : publicUrlOf(given),
    isPublicUrlSet: given !== undefined,
    trustedProxies: proxiesOf(environment['CHENGXIN_PROXIES'] || ''),
    databaseUrl: databaseUrlOf(environment['DATABASE_URL'] || undefined),
    vaultBucket: vaultBucketOf(environment),
    wallets: walletsOf(environment['CHENGXIN_WALLETS'] || ''),
    logLevel: logLevelOf(environment['CHENGXIN_LOG_LEVEL'] || 'warn'),
    snapshots: {
      kept: wholeNumber('CHENGXIN_SNAPSHOTS', environment['CHENGXIN_SNAPSHOTS'] || '2', 0, 10),
      everyMs:
        wholeNumber('CHENGXIN_SNAPSHOT_SECONDS', environment['CHENGXIN_SNAPSHOT_SECONDS'] || '900', 0, 86_400) * 1000,
    },
    admissionThreads: threads === undefined ? undefined : wholeNumber('CHENGXIN_ADMISSION_THREADS', threads, 1, 256),
  }
}

/** Where a browser on this machine finds the node: a name, because passkeys refuse an IP address. */
function localUrl(host: string, port: number): string {
  const anyAddress = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1'
  const name = anyAddress ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function publicUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new SettingFault(`CHENGXIN_PUBLIC_URL should be an address such as https://city.example, not "${text}".`)
  }
  if (url.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) {
    throw new SettingFault(`CHENGXIN_PUBLIC_URL should begin with https:// (${text}): phones and passkeys need it.`)
  }
  if (url.pathname !== '/') throw new SettingFault(`CHENGXIN_PUBLIC_URL should have no path (${text}).`)
  return url.origin
}

function proxiesOf(text: string): readonly string[] {
  const proxies = text.split(',').map((part) => part.trim())
  if (text === '') return []
  const isProxy = (proxy: string) => {
    const [address = '', bits, ...rest] = proxy.split('/')
    const most = isIP(address) === 4 ? 32 : 128
    return (
      isIP(address) !== 0 &&
      rest.length === 0 &&
      (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    )
  }
  // Bits of zero would be everybody, who could then name anybody.
  if (proxies.every((proxy) => isProxy(proxy) && !/\/0+$/.test(proxy))) return proxies
  throw new SettingFault(
    `CHENGXIN_PROXIES should be addresses or networks such as 127.0.0.1,10.1.0.0/16, not "${text}".`,
  )
}

/** `client id=address, …`; a wallet with several addresses is named once for each. */
function walletsOf(text: string): Wallets {
  const wallets = new Map<string, readonly string[]>()
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const [, clientId = '', address = ''] = /^([^=\s]+)=(\S+)$/.exec(entry) ?? []
    if (!isWayBack(address)) {
      throw new SettingFault(
        `CHENGXIN_WALLETS should be pairs such as https://wallet.example=https://wallet.example/back, not "${entry}".`,
      )
    }
    wallets.set(clientId, [...(wallets.get(clientId) ?? []), address])
  }
  return Object.fromEntries(wallets)
}

/** An https address, an app's own scheme with a dot in it, or this machine (RFC 8252 section 7); no fragment (RFC 6749 section 3.1.2). */
function isWayBack(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || address.includes('#')) return false
  const isHere = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || isHere || /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)
}

function databaseUrlOf(text: string | undefined): string | undefined {
  // The address carries a password, so the fault never repeats it.
  if (text !== undefined && !/^postgres(ql)?:\/\//.test(text)) {
    throw new SettingFault(
      'DATABASE_URL should begin with postgresql://; leave it unset to keep the read model in files.',
    )
  }
  return text
}

function vaultBucketOf(environment: Environment): VaultBucketSettings | undefined {
  const text = environment['CHENGXIN_VAULT_S3'] || undefined
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPath = url !== undefined && /^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+\/?$/.test(url.pathname)
  // Not repeated, since somebody may have put a password into it.
  if (!isPath || url.username + url.password + url.search + url.hash !== '') {
    throw new SettingFault(
      'CHENGXIN_VAULT_S3 should be an address such as https://storage.example/bucket/prefix, and no more.',
    )
  }
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) {
    throw new SettingFault('CHENGXIN_VAULT_S3 should begin with https:// unless the storage is on this machine.')
  }
  const keyFile = environment['CHENGXIN_VAULT_S3_KEY_FILE'] || undefined
  if (keyFile === undefined) {
    throw new SettingFault(
      'CHENGXIN_VAULT_S3 needs CHENGXIN_VAULT_S3_KEY_FILE: a line with the key’s id, one with its secret.',
    )
  }
  const region = environment['CHENGXIN_VAULT_S3_REGION'] || 'us-east-1'
  if (!/^[a-z0-9-]{1,64}$/.test(region))
    throw new SettingFault('CHENGXIN_VAULT_S3_REGION should be a name such as us-east-1.')
  return { url: `${url.origin}${url.pathname.replace(/\/$/, '')}`, region, keyFile: resolve(keyFile) }
}

function logLevelOf(text: string): LogLevel {
  const level = logLevels.find((candidate) => candidate === text)
  if (level === undefined) throw new SettingFault(`CHENGXIN_LOG_LEVEL should be one of ${logLevels.join(', ')}.`)
  return level
}

function portOf(text: string): number {
  return wholeNumber('CHENGXIN_PORT', text, 0, 65_535)
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw new SettingFault(`${name} should be ${min} to ${max}, not "${text}".`)
  return value
}
