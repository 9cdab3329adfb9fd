/**
 * The realm of agreed rules: Hardened JavaScript (SES) in which whatever could differ between two members is missing.
 * The intrinsics of the whole thread are frozen first; the rules then run in a compartment whose globals are the list
 * below and nothing else: no clock, no chance, no locale, no I/O, no garbage collector to watch.
 *
 * What cannot be removed is kept out of results: a stack overflow or any other exception in a rule stops the node, and
 * never becomes an outcome, because how deep a stack goes is this machine's affair.
 */
import 'ses'
import type { Ruleset } from '@chengxin/module-kit'

const globals = [
  'AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error EvalError Infinity',
  'Int16Array Int32Array Int8Array JSON Map NaN Number Object Proxy RangeError ReferenceError Reflect RegExp Set String',
  'Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet',
  'globalThis isFinite isNaN parseInt undefined',
].flatMap((line) => line.split(' '))

/** Exact on every platform; the rest of Math (exp, pow, sin, …) may differ in the last bit, and random always does. */
const exactMath = ['abs', 'ceil', 'clz32', 'floor', 'imul', 'max', 'min', 'round', 'sign', 'trunc'] as const

/** The name under which a bundle leaves its ruleset. */
const exported = 'chengxinRuleset'

let locked = false

/** Freezes the intrinsics of this thread, once. What must change them (a polyfill, say) has to have done so before. */
export function lockRealm(): void {
  if (locked) return
  locked = true
  lockdown({
    // A stack names files and depends on what has been compiled: rules must not see it.
    errorTaming: 'safe',
    consoleTaming: 'unsafe',
    stackFiltering: 'verbose',
    overrideTaming: 'moderate',
    localeTaming: 'safe',
    evalTaming: 'safe-eval',
    domainTaming: 'unsafe',
    reporting: 'none',
    // What nobody catches ends the thread and is told to whoever started it, as anywhere in Node.
    errorTrapping: 'none',
    unhandledRejectionTrapping: 'none',
  })
}

/**
 * Evaluates a built ruleset (a script that assigns `globalThis.chengxinRuleset`) in a compartment of its own. Throws if
 * it leaves nothing there, or does something that the realm does not have.
 */
export function evaluateRuleset(bundle: string): Ruleset {
  lockRealm()
  const compartment = new Compartment({ __options__: true, globals: {} })
  const realm = compartment.globalThis as Record<string, unknown>
  for (const name of Object.getOwnPropertyNames(realm)) {
    if (!globals.includes(name)) delete realm[name]
  }
  let ruleset: unknown
  realm['Math'] = harden(Object.fromEntries(exactMath.map((name) => [name, Math[name]])))
  Object.defineProperty(realm, exported, {
    get: () => ruleset,
    set: (value: unknown) => {
      ruleset ??= value
    },
  })
  // Frozen globals are constants to the evaluator, which makes looking them up as cheap as outside.
  Object.freeze(realm)
  compartment.evaluate(bundle)
  if (typeof ruleset !== 'object' || ruleset === null) throw new Error('The bundle does not leave a ruleset.')
  return harden(ruleset) as Ruleset
}
