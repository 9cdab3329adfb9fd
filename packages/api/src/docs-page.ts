/** The interface as one page to read: no script, nothing fetched from elsewhere. */
import type { JsonSchema, TransactionDefinition } from '@chengxin/module-kit'
import type { Endpoint } from './endpoint.ts'
import { commonRefusals, type OpenApiParts } from './openapi.ts'

export function createDocsPage({ endpoints, transactions, catalogue, publicUrl, version }: OpenApiParts): string {
  const tags = [...new Set(endpoints.map(({ tag }) => tag))]
  const signed = transactions.filter(({ door }) => door === 'signed')
  const contents = [...tags, 'verbs', 'refusals']
    .map((name) => `<a href="#${escape(name)}">${escape(name)}</a>`)
    .join(' · ')
  const sections = tags.map((tag) => {
    const articles = endpoints.filter((endpoint) => endpoint.tag === tag).map((one) => articleOf(one, publicUrl))
    return `<section id="${escape(tag)}"><h2>${escape(tag)}</h2>${articles.join('')}</section>`
  })
  const refusals = Object.entries(catalogue.all).map(
    ([code, [kind, sentence]]) =>
      `<tr><td><code>${escape(code)}</code></td><td>${kind}</td><td>${catalogue.statusOf(code)}</td><td>${escape(sentence)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chengxin 城信 · interface</title><style>${style}</style></head><body>
<header><h1>Chengxin 城信</h1><p>The interface of this node, version ${escape(version)}. For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<nav>${contents}</nav></header><main>
<section><h2>How to write</h2><p>Everything that changes a ledger is a signed transaction: a compact JWS whose payload names a group and one or more verbs. Send it, and the answer is its outcome, flushed to disk.</p>
<pre>${escape(submitExample(publicUrl))}</pre>
<p>Every error is a problem document (RFC 9457) with a stable <code>code</code>. Where waiting helps, <code>Retry-After</code> says how long; sending the same bytes again is always harmless.</p></section>
${sections.join('')}
<section id="verbs"><h2>Verbs</h2><p>What a transaction’s actions may be, with their arguments as JSON Schema. Amounts are decimal strings.</p>${signed.map(verbOf).join('')}</section>
<section id="refusals"><h2>Refusals</h2><table><thead><tr><th>code</th><th>kind</th><th>status</th><th>meaning</th></tr></thead><tbody>${refusals.join('')}</tbody></table></section>
</main></body></html>`
}

function articleOf(endpoint: Endpoint, publicUrl: string): string {
  const { method, path, id, summary, about, access, query = {}, answers, refusals } = endpoint
  const codes = [...new Set([...commonRefusals(endpoint), ...refusals])].map((code) => `<code>${escape(code)}</code>`)
  const parameters = Object.entries(query).map(
    ([name, { about: meaning, schema }]) =>
      `<tr><td><code>${escape(name)}</code></td><td>${escape(typeText(schema))}</td><td>${escape(meaning)}</td></tr>`,
  )
  const shapes = Object.entries(answers).flatMap(([status, answer]) =>
    Object.entries(answer.content).map(
      ([mediaType, schema]) =>
        `<details><summary>${status} <code>${escape(mediaType)}</code> ${escape(answer.about)}</summary><pre>${escape(pretty(schema))}</pre></details>`,
    ),
  )
  return `<article id="${escape(id)}"><h3><b>${method}</b> <code>${escape(path)}</code></h3><p>${escape(summary)}</p>
${about === undefined ? '' : `<p>${escape(about)}</p>`}
${access === 'policy' ? '<p class="quiet">Follows the group’s read policy: in a members’ group it needs a read token.</p>' : ''}
${parameters.length === 0 ? '' : `<table><tbody>${parameters.join('')}</tbody></table>`}
<pre>${escape(curlOf(endpoint, publicUrl))}</pre>${shapes.join('')}
<p class="quiet">May refuse with ${codes.join(', ')}.</p></article>`
}

function verbOf({ type, args }: TransactionDefinition): string {
  return `<details id="${escape(type)}"><summary><code>${escape(type)}</code></summary><pre>${escape(pretty(args.json))}</pre></details>`
}

function curlOf({ method, path, body, rest }: Endpoint, publicUrl: string): string {
  const address = `${publicUrl}${path.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) => (name === rest ? '000' : `$${name}`))}`
  if (body === undefined) return `curl "${address}"`
  const [mediaType = 'application/json'] = Object.keys(body.content)
  const data = body.raw === true ? '--data-binary @FILE' : `--data '{"transactions": ["'"$jws"'"]}'`
  return `curl -X ${method} "${address}" -H 'content-type: ${mediaType}' ${data}`
}

function submitExample(publicUrl: string): string {
  return `group=$(curl -s ${publicUrl}/v1/groups | jq -r '.groups[0].id')
# header   {"alg":"EdDSA","kid":"did:weid:…#key-1","typ":"chengxin-tx+jws"}
# payload  {"actions":[{"args":{…},"type":"points.transfer"}],"group":"…","nonce":"…","notAfter":…,"v":1}
curl -X POST "${publicUrl}/v1/groups/$group/transactions" -H 'content-type: application/jose' --data "$jws"`
}

function typeText(schema: JsonSchema): string {
  const words = schema['enum']
  const type = schema['type']
  if (Array.isArray(words)) return words.join(' | ')
  return typeof type === 'string' ? type : 'any'
}

function pretty(schema: JsonSchema): string {
  return JSON.stringify(schema, undefined, 1)
}

function escape(text: string): string {
  const entities: { readonly [character: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}

const style = `
:root{color-scheme:light dark;--line:#8884;--ink:#1d2a28;--paper:#fbfbf8;--jade:#0f766e}
@media(prefers-color-scheme:dark){:root{--ink:#e6ece9;--paper:#121817;--jade:#5eead4}}
body{margin:0 auto;max-width:60rem;padding:1.5rem;font:16px/1.55 system-ui,"Noto Sans","PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);background:var(--paper)}
a,h3 b{color:var(--jade)} h2{margin-top:3rem;border-bottom:1px solid var(--line);text-transform:capitalize}
article{margin:2rem 0;padding-bottom:1rem;border-bottom:1px solid var(--line)}
pre{overflow-x:auto;padding:.75rem;border:1px solid var(--line);border-radius:.5rem;font-size:.85rem;line-height:1.4}
code{font-size:.9em;overflow-wrap:anywhere} table{border-collapse:collapse;width:100%} td,th{padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
summary{cursor:pointer;padding:.25rem 0} .quiet{opacity:.75;font-size:.9rem}`
