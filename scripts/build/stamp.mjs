/**
 * What a part was built from, and what came out: a record beside the outputs, written last. A build is current when the
 * record carries the hash of today's sources and every output still stands; it lies in `dist`, so that deleting `dist`
 * deletes it too. The next build removes what the last one wrote, and nothing else that lives in `dist`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The hash of names and contents of files, or of all files in folders, and of the Node version that builds them. */
export function stampOf(home, paths) {
  const hash = createHash('sha256').update(process.version)
  for (const path of paths.toSorted()) addTo(hash, home, path)
  return hash.digest('base64url')
}

function addTo(hash, home, path) {
  const place = join(home, path)
  if (!existsSync(place)) return
  if (statSync(place).isDirectory()) {
    for (const name of readdirSync(place).toSorted()) addTo(hash, home, `${path}/${name}`)
    return
  }
  if (/\.test\.tsx?$/.test(path)) return
  hash.update(`\n${path}\n`).update(readFileSync(place))
}

export function isCurrent(record, stamp) {
  const last = read(record)
  return last?.stamp === stamp && last.outputs.every((output) => existsSync(join(dirname(record), output)))
}

/** Takes a record away before a build, so that a build that is killed is not taken for a whole one; tells the outputs. */
export function forget(record) {
  const outputs = read(record)?.outputs ?? []
  rmSync(record, { force: true })
  return outputs
}

/**
 * Records the outputs (paths relative to the record's folder) and removes those of the last build that were not written
 * again. Afterwards, not before: a program that runs meanwhile still finds the parts that it loads on demand.
 */
export function remember(record, stamp, outputs, before) {
  const current = new Set(outputs)
  for (const output of before) if (!current.has(output)) rmSync(join(dirname(record), output), { force: true })
  mkdirSync(dirname(record), { recursive: true })
  writeFileSync(record, `${JSON.stringify({ stamp, outputs: outputs.toSorted() }, null, 1)}\n`)
}

function read(record) {
  try {
    return JSON.parse(readFileSync(record, 'utf8'))
  } catch {
    // No record, or one that a killed build left half: both mean that nothing is known.
    return undefined
  }
}
