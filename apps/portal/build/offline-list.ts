/**
 * Tells the service worker which built files the check needs, so that it works without a network after one visit.
 * Only the shell, the check page with the audit core, and the words of both are listed: a phone should not be made to
 * download pages that nobody opened.
 */
import { createHash } from 'node:crypto'
import type { Plugin, Rollup } from 'vite'

const placeholder = '__OFFLINE_FILES__'
const neededPages = /\/src\/(pages\/check\/check-page|theme\/ant-surface)\.tsx$|\/src\/check\/(audit|pdf)-core\.ts$/
const neededWords = [
  /\/src\/locales\/[^/]+\/(shell|check|checks|names|values)\.json$/,
  // Ant Design's own, without which a page that stands on it is not drawn.
  /\/antd\/es\/locale\/[A-Za-z_]+\.js$/,
]

export function offlineList(): Plugin {
  return {
    name: 'offline-list',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const chunks = new Map(
        Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])),
      )
      const files = new Set<string>()
      const take = (chunk: Rollup.OutputChunk | undefined) => {
        if (chunk === undefined || files.has(chunk.fileName)) return
        files.add(chunk.fileName)
        for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
        for (const name of chunk.imports) take(chunks.get(name))
      }
      for (const chunk of chunks.values()) {
        const subject = chunk.facadeModuleId ?? ''
        if (chunk.name === 'portal' || neededPages.test(subject) || neededWords.some((words) => words.test(subject))) {
          take(chunk)
        }
      }
      const worker = chunks.get('service-worker.js')
      if (worker === undefined || !worker.code.includes(placeholder)) {
        throw new Error('The service worker has no place for the list of offline files.')
      }
      const names = [...files].sort().map((file) => `/${file}`)
      const version = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16)
      const listed = JSON.stringify({ version, files: names })
      worker.code = worker.code.replace(/["'`]__OFFLINE_FILES__["'`]/, () => `'${listed}'`)
    },
  }
}
