/**
 * How the agent reaches issuers and verifiers of others. Residents bring it links that anybody can make, so it goes nowhere
 * but to public addresses by https, follows no redirect, and reads no more than an exchange needs; what stands beside this
 * node, or on it, cannot be asked through it.
 */
import { type LookupAddress, lookup } from 'node:dns'
import { request as requestOverTls } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { OpenidAnswer, OpenidRequest } from '@chengxin/services/openid'

const maxBytes = 512 * 1024
const timeoutMs = 10_000

/** Addresses that are not the public Internet's (IANA's special-purpose registries). */
const special = new BlockList()
const specialRanges: readonly (readonly [address: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]
for (const [address, prefix, family] of specialRanges) special.addSubnet(address, prefix, family)

export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  // Addresses of the old kind in the new one's clothes; a rule for them would count for the old ones too.
  if (family === 6 && /^(0*:)*:?ffff:/i.test(address)) return false
  return family !== 0 && !special.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** Whether a link may be followed at all, before its name is looked up. */
export function mayBeAsked(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isNamed = isIP(host) === 0 ? host.includes('.') : isPublicAddress(host)
  return protocol === 'https:' && username === '' && password === '' && isNamed
}

/** The name is looked up once, and the connection goes to what was checked: a second answer cannot lead elsewhere. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return done(error, '', 0)
    const open = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = open
    if (!first) return done(new Error(`${hostname} has no public address.`), '', 0)
    return options.all === true ? done(null, open) : done(null, first.address, first.family)
  })
}

/** Throws where nobody answers or nobody may be asked. */
export async function sendOutside({ method, url, headers, body }: OpenidRequest): Promise<OpenidAnswer> {
  if (!mayBeAsked(url)) throw new Error('Only public addresses are asked, by https.')
  return new Promise((resolve, reject) => {
    const sent = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    )
    const options = { method, headers: Object.fromEntries(sent), lookup: publicLookup, timeout: timeoutMs }
    const request = requestOverTls(url, options, (response) => {
      const parts: Buffer[] = []
      let bytes = 0
      response.on('data', (part: Buffer) => {
        parts.push(part)
        bytes += part.length
        if (bytes > maxBytes) request.destroy(new Error('The answer is larger than any that is expected.'))
      })
      response.on('error', reject)
      response.on('end', () => {
        const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const)
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(named),
          body: Buffer.concat(parts).toString('utf8'),
        })
      })
    })
    const deadline = setTimeout(() => request.destroy(new Error('No answer in time.')), timeoutMs)
    request.on('close', () => clearTimeout(deadline))
    request.on('timeout', () => request.destroy(new Error('No answer in time.')))
    request.on('error', reject)
    request.end(body === '' ? undefined : body)
  })
}
