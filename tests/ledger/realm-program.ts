/** Evaluates each expression given as an argument inside the realm of rules and prints what came of it, as a JSON list. */
import { evaluateRuleset } from '../../packages/ledger/src/execution/realm.ts'

const answers = process.argv.slice(2).map((expression) => {
  try {
    const bundle = `globalThis.chengxinRuleset = { answer: (() => ${expression})() }`
    const { answer } = evaluateRuleset(bundle) as unknown as { readonly answer: unknown }
    return String(answer)
  } catch (error) {
    return `throws ${(error as Error).message}`
  }
})
process.stdout.write(JSON.stringify(answers))
