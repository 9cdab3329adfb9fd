/** What a wallet reads first: OpenID4VCI 1.0 section 12.2 and RFC 8414. Nothing stands here that is not served. */
import { jsonAnswer, type OpenidAnswer } from '../exchange.ts'
import type { Issuer } from './issuer.ts'

export function issuerMetadata({ identifier, display, configurations, endpoints, batchSize }: Issuer) {
  const supported = Object.entries(configurations).map(([id, { vct, scope, metadata }]) => {
    const configuration = {
      format: 'dc+sd-jwt',
      vct,
      scope,
      cryptographic_binding_methods_supported: ['jwk'],
      credential_signing_alg_values_supported: ['ES256'],
      proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
      ...(Object.keys(metadata).length > 0 && { credential_metadata: metadata }),
    }
    return [id, configuration] as const
  })
  return {
    credential_issuer: identifier,
    authorization_servers: [identifier],
    credential_endpoint: endpoints.credential,
    nonce_endpoint: endpoints.nonce,
    deferred_credential_endpoint: endpoints.deferred,
    notification_endpoint: endpoints.notification,
    ...(batchSize > 1 && { batch_credential_issuance: { batch_size: batchSize } }),
    display,
    credential_configurations_supported: Object.fromEntries(supported),
  }
}

export function authorizationServerMetadata({ identifier, endpoints, configurations }: Issuer) {
  return {
    issuer: identifier,
    authorization_endpoint: endpoints.authorization,
    pushed_authorization_request_endpoint: endpoints.pushed,
    require_pushed_authorization_requests: true,
    token_endpoint: endpoints.token,
    token_endpoint_auth_methods_supported: ['none'],
    grant_types_supported: ['authorization_code', 'urn:ietf:params:oauth:grant-type:pre-authorized_code'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: ['ES256'],
    scopes_supported: Object.values(configurations).map(({ scope }) => scope),
    'pre-authorized_grant_anonymous_access_supported': true,
    authorization_response_iss_parameter_supported: true,
  }
}

export function answerIssuerMetadata(issuer: Issuer): OpenidAnswer {
  return jsonAnswer(200, issuerMetadata(issuer))
}

export function answerAuthorizationServerMetadata(issuer: Issuer): OpenidAnswer {
  return jsonAnswer(200, authorizationServerMetadata(issuer))
}
