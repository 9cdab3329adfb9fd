/**
 * The rulesets a group has ever activated, as built bundles under `rulesets/<hash>.js` in its directory. A rolling
 * upgrade puts the new one here on every member first and activates it later by a transaction.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'

/** SHA-256 of a bundle's bytes, base64url: the name that members agree on. */
export function bundleHash(bundle: string): string {
  return createHash('sha256').update(bundle, 'utf8').digest('base64url')
}

export class RulesetMissing extends Error {
  override readonly name = 'RulesetMissing'
  constructor(hash: string, path: string) {
    super(`The group's rules ${hash} are not on this node. Install their bundle as ${path} and start again.`)
  }
}

export class RulesetDamaged extends Error {
  override readonly name = 'RulesetDamaged'
  constructor(hash: string, path: string) {
    super(`${path} is not the bundle ${hash}: its bytes have another hash. Install it again and start again.`)
  }
}

/** Puts a bundle on the shelf and answers its hash. Bundles are never removed: replaying the log needs each of them. */
export function shelveRuleset(directory: string, bundle: string): string {
  const hash = bundleHash(bundle)
  const path = pathOf(directory, hash)
  if (fs.existsSync(path) && bundleHash(fs.readFileSync(path, 'utf8')) === hash) return hash
  fs.mkdirSync(join(directory, 'rulesets'), { recursive: true })
  fs.writeFileSync(`${path}.tmp`, bundle, { flush: true })
  fs.renameSync(`${path}.tmp`, path)
  return hash
}

/** A bundle by its hash, its bytes checked. Throws a sentence that names the hash where it is missing or another. */
export function readBundle(directory: string, hash: string): string {
  const path = pathOf(directory, hash)
  if (!fs.existsSync(path)) throw new RulesetMissing(hash, path)
  const bundle = fs.readFileSync(path, 'utf8')
  if (bundleHash(bundle) !== hash) throw new RulesetDamaged(hash, path)
  return bundle
}

function pathOf(directory: string, hash: string): string {
  return join(directory, 'rulesets', `${hash}.js`)
}
