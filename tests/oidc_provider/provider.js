// Another implementation of OpenID Connect, npm's oidc-provider, dressed as Pro Santé Connect: its paths, its claims, its
// levels. Speaks https on loopback with the certificate that it is given. TELEPATH_TEST_PROVIDER is a JSON object:
//   port, certificate, key, authority (paths, PEM), clients (as registered), person (claims; "sub" is the account)
// POST /telephone {"answer": "yes" | "no"} answers a decoupled login in the person's place.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import Provider, { errors } from 'oidc-provider';

const { port, certificate, key, authority, clients, person } = JSON.parse(process.env.TELEPATH_TEST_PROVIDER);
const REALM = '/auth/realms/esante-wallet';
const CONNECT = '/protocol/openid-connect';
const origin = `https://127.0.0.1:${port}`;
const { sub, ...told } = person;
const acr = 'eidas1';
const waiting = [];

const provider = new Provider(`${origin}${REALM}`, {
  clients,
  acrValues: ['eidas1', 'eidas2', 'eidas3'],
  scopes: ['openid', 'scope_all'],
  claims: { acr: null, auth_time: null, iss: null, sid: null, openid: ['sub'], scope_all: Object.keys(told) },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...told }) }),
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { url: (_ctx, interaction) => `${REALM}/pick/${interaction.uid}` },
  cookies: { keys: ['of the tests'] },
  routes: {
    authorization: '/auth',
    token: `${CONNECT}/token`,
    userinfo: `${CONNECT}/userinfo`,
    jwks: `${CONNECT}/certs`,
    end_session: `${CONNECT}/logout`,
    backchannel_authentication: `${CONNECT}/ext/ciba/auth`,
  },
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt', 'tls_client_auth'],
  // Its guard against requests to loopback would keep its logout tokens from a service of the same machine.
  fetch: (url, { dispatcher: _guard, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    mTLS: {
      enabled: true,
      tlsClientAuth: true,
      certificateBoundAccessTokens: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate()?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_san_dns' && ctx.socket.getPeerCertificate().subjectaltname.includes(`DNS:${expected}`),
    },
    ciba: {
      enabled: true,
      deliveryModes: ['poll'],
      processLoginHint: (_ctx, hint) => (hint === person.SubjectNameID ? sub : undefined),
      validateBindingMessage: (_ctx, message) => {
        if (!/^[0-9]{2}$/.test(message)) throw new errors.InvalidBindingMessage('two digits');
      },
      validateRequestContext: () => {},
      verifyUserCode: () => {},
      triggerAuthenticationDevice: (_ctx, request) => waiting.push(request),
    },
  },
});

for (const event of ['backchannel.error', 'authorization.error', 'grant.error', 'server_error']) {
  provider.on(event, (_ctx, error) => console.error(`${event}: ${error.error_description ?? error.cause ?? error.stack}`));
}

const grant = async (client, id) => {
  const made = new provider.Grant({ accountId: id, clientId: client });
  made.addOIDCScope('openid scope_all');
  return { made, id: await made.save() };
};

// The person is there, and picks themselves.
const pick = async (request, response) => {
  const { params } = await provider.interactionDetails(request, response);
  const { id } = await grant(params.client_id, sub);
  await provider.interactionFinished(request, response, { login: { accountId: sub, acr }, consent: { grantId: id } });
};

const telephone = async (request, response) => {
  const { answer } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
  const asked = waiting.shift();
  const { made } = await grant(asked.clientId, sub);
  const result = answer === 'yes' ? made : new errors.AccessDenied('no');
  await provider.backchannelResult(asked, result, { acr, authTime: Math.floor(Date.now() / 1000) });
  response.end();
};

const answer = provider.callback();
const tls = {
  cert: readFileSync(certificate),
  key: readFileSync(key),
  ca: readFileSync(authority),
  requestCert: true,
  rejectUnauthorized: false,
};
createServer(tls, (request, response) => {
  const fail = (error) => response.writeHead(500).end(String(error));
  if (request.url === '/telephone') return void telephone(request, response).catch(fail);
  if (request.url.startsWith(`${REALM}/pick/`)) return void pick(request, response).catch(fail);
  request.originalUrl = request.url;
  request.url = request.url.replace(REALM, '').replace('wallet-openid-configuration', 'openid-configuration');
  return answer(request, response);
}).listen(port, '127.0.0.1', () => console.log('ready'));
