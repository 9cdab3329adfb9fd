import { describe, expect, test } from 'vitest'
import { type Ending, type Part, type Running, restartable, superviseTogether } from './supervise.ts'

interface Made extends Part {
  readonly lives: { end(ending: Ending): void }[]
}

function makePart(name: string, story: string[], failures = 0): Made {
  const lives: Made['lives'] = []
  let left = failures
  return {
    name,
    lives,
    start: async (): Promise<Running> => {
      if (left-- > 0) throw new Error(`${name} cannot start.`)
      story.push(`${name} starts`)
      let end: (ending: Ending) => void = () => {}
      const ended = new Promise<Ending>((resolve) => {
        end = resolve
      })
      lives.push({ end })
      return {
        ended,
        stop: async () => {
          story.push(`${name} stops`)
          end({ sentence: 'stopped' })
        },
      }
    },
  }
}

const pauses = { firstMs: 1, longestMs: 4, forgetAfterMs: 60_000 }

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('supervised together', () => {
  test('when one ends, all are stopped in the opposite order and start again', async () => {
    const story: string[] = []
    const stop = new AbortController()
    const [application, engine] = [makePart('application', story), makePart('engine', story)]
    const done = superviseTogether({
      parts: [application, engine],
      signal: stop.signal,
      pauses,
      onEnd: ({ part, sentence }) => story.push(`${part}: ${sentence}`),
    })
    await until(() => engine.lives.length === 1)
    engine.lives[0]?.end({ sentence: 'killed' })
    await until(() => engine.lives.length === 2)
    stop.abort()
    expect(await done).toBeUndefined()
    expect(story).toEqual([
      'application starts',
      'engine starts',
      'engine stops',
      'application stops',
      'engine: killed',
      'application starts',
      'engine starts',
      'engine stops',
      'application stops',
    ])
  })

  test('a part that ends for good ends all, and is the answer', async () => {
    const story: string[] = []
    const [application, engine] = [makePart('application', story), makePart('engine', story)]
    const done = superviseTogether({
      parts: [application, engine],
      signal: new AbortController().signal,
      pauses,
      onEnd: () => story.push('again'),
    })
    await until(() => engine.lives.length === 1)
    application.lives[0]?.end({ sentence: 'damaged', isFinal: true })
    expect(await done).toEqual({ part: 'application', sentence: 'damaged', isFinal: true })
    expect(story).toEqual(['application starts', 'engine starts', 'engine stops', 'application stops'])
  })

  test('a part that was asked to end starts again at once, and counts as no failure', async () => {
    const story: string[] = []
    const stop = new AbortController()
    const made = makePart('engine', story)
    const engine = restartable(made)
    engine.restart()
    const endless = { firstMs: 3_600_000, longestMs: 3_600_000, forgetAfterMs: 1 }
    const done = superviseTogether({
      parts: [engine],
      signal: stop.signal,
      pauses: endless,
      onEnd: ({ sentence, isAsked }) => story.push(`${sentence} ${isAsked}`),
    })
    await until(() => made.lives.length === 1)
    engine.restart()
    await until(() => made.lives.length === 2)
    made.lives[1]?.end({ sentence: 'killed' })
    await until(() => story.includes('killed undefined'))
    engine.restart()
    stop.abort()
    expect(await done).toBeUndefined()
    expect(story.filter((one) => one !== 'engine stops')).toEqual([
      'engine starts',
      'engine starts',
      'killed undefined',
    ])
  })

  test('a part that was asked to end and ends for good is not started again', async () => {
    const story: string[] = []
    const engine = restartable({
      name: 'engine',
      start: async () => {
        const part = await makePart('engine', story).start()
        return { ...part, ended: part.ended.then(() => ({ sentence: 'another hash', isFinal: true as const })) }
      },
    })
    const signal = new AbortController().signal
    const done = superviseTogether({ parts: [engine], signal, pauses, onEnd: () => story.push('again') })
    await until(() => story.length === 1)
    await new Promise((resolve) => setImmediate(resolve))
    engine.restart()
    expect(await done).toMatchObject({ sentence: 'another hash', isFinal: true })
    expect(story).not.toContain('again')
  })

  test('pauses grow while a part keeps failing, up to the longest', async () => {
    const story: string[] = []
    const stop = new AbortController()
    const waited: number[] = []
    const engine = makePart('engine', story, 4)
    const done = superviseTogether({
      parts: [makePart('application', story), engine],
      signal: stop.signal,
      pauses,
      onEnd: ({ sentence }, pauseMs) => {
        expect(sentence).toBe('engine cannot start.')
        waited.push(pauseMs)
      },
    })
    await until(() => engine.lives.length === 1)
    stop.abort()
    await done
    expect(waited).toEqual([1, 2, 4, 4])
    expect(story.slice(0, 2)).toEqual(['application starts', 'application stops'])
  })
})
