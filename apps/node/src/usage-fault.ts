/** A command line that asks for something there is not: the sentence shows how to ask. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault'
  constructor(usage: string) {
    super(`Usage: ${usage}`)
  }
}
