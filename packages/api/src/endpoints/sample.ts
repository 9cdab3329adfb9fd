/** Files to try the check with. Only a sample city has them, because somebody's real certificate is nobody's sample. */
import { jsonAnswer } from '../answer.ts'
import { type Endpoint, refusedWith } from '../endpoint.ts'
import type { SampleFiles } from '../options.ts'
import { bytes, list, object, text } from '../schemas.ts'

export function sampleEndpoints(sample: () => SampleFiles | undefined): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/v1/sample',
      id: 'listSampleFiles',
      tag: 'documents',
      summary: 'A good, a revoked and a forged certificate of the sample city.',
      access: 'open',
      answers: {
        200: {
          about: 'The files.',
          content: {
            'application/json': object({ files: list(object({ name: text, url: text })) }, { bundleUrl: text }),
          },
        },
      },
      refusals: ['not_found'],
      answer: async () => {
        const files = sample()
        if (files === undefined) return refusedWith('not_found')
        const listed = files.files.map(({ name }) => ({ name, url: `/v1/sample/${encodeURIComponent(name)}` }))
        return jsonAnswer({ files: listed, bundleUrl: files.bundleUrl })
      },
    },
    {
      method: 'GET',
      path: '/v1/sample/{name}',
      id: 'showSampleFile',
      tag: 'documents',
      summary: 'One of the sample files.',
      access: 'open',
      params: { name: { type: 'string', maxLength: 100 } },
      answers: { 200: { about: 'The file.', content: { 'text/plain': bytes } } },
      refusals: ['not_found'],
      answer: async (call) => {
        const file = sample()?.files.find(({ name }) => name === call.params['name'])
        if (file === undefined) return refusedWith('not_found')
        return { status: 200, mediaType: file.mediaType, body: file.text, caching: 'never' }
      },
    },
  ]
}
