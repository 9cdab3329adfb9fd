/**
 * Completes package-lock.json with the optional packages of platforms that `npm install` could not see from where it ran.
 * `npm ci` refuses a lock file without them, although it skips them on every other platform. What is added carries the
 * version, and the platform that the name says; there is no integrity to add for what could not be fetched.
 *
 * Run it after `npm install`; it prints what it added.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const file = 'package-lock.json'
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = {
  amd64: 'x64',
  x64: 'x64',
  arm64: 'arm64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  arm: 'arm',
}

const lock = JSON.parse(readFileSync(file, 'utf8'))
const added = []
for (const [path, facts] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(facts.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`
    const hoisted = `node_modules/${name}`
    if (nested in lock.packages || hoisted in lock.packages || !/^\d+\.\d+\.\d+/.test(version)) continue
    const platform = platformOf(name)
    if (platform === undefined) throw new Error(`${name} does not say for which platform it is.`)
    lock.packages[hoisted] = { version, ...platform, ...(facts.dev === true ? { dev: true } : {}), optional: true }
    added.push(`${name}@${version}`)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(added.length === 0 ? 'The lock file was complete.' : `Added:\n  ${added.join('\n  ')}`)

function platformOf(name) {
  const words = name.split('/').at(-1).split('-')
  const os = systems.find((system) => words.includes(system))
  const cpu = Object.keys(processors).find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) return undefined
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : undefined
  return { cpu: [processors[cpu]], os: [os], ...(libc === undefined ? {} : { libc }) }
}
