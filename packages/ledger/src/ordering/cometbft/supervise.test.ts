import { describe, expect, test } from 'vitest'
import { type Ending, type Part, type Running, superviseTogether } from './supervise.ts'

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
