// What the outside world owns in single sign-on: a company's identity provider and the name server of its domain.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export const client = { id: 'foyer', secret: 'a-secret-that-only-the-provider-knows' };

const page = (uid) => `<!doctype html><html lang="en"><title>Company sign-in</title><h1>Company sign-in</h1>
<form method="post" action="/interaction/${uid}"><label>Work address <input name="login" type="email" required></label>
<button>Sign in at the company</button></form></html>`;

async function interaction(provider, request, response) {
  const { uid, prompt } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(page(uid));
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const accountId = new URLSearchParams(body).get('login');
  return provider.interactionFinished(request, response, { [prompt.name]: { accountId } }, { mergeWithLastSubmission: false });
}

/** A provider that believes everybody to have the address that they type. Its host differs from the portal's, so that browsers treat it as another site. */
export async function startProvider(portal) {
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [`${portal}/signin/sso/callback`] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['for-tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: `subject of ${id}`, email: id, email_verified: true, name: `Person ${id.split('@')[0]}` }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    // The company has agreed for its people.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const oidc = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return oidc(request, response);
    interaction(provider, request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  return { issuer, stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

/** A name server that answers questions for TXT records (RFC 1035) from a map of names and texts. */
export async function startNames(port) {
  const records = new Map();
  const socket = createSocket('udp4');
  socket.on('message', (question, { address, port }) => {
    const labels = [];
    let at = 12;
    while (question[at] !== 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + question[at]).toLowerCase());
      at += question[at] + 1;
    }
    const end = at + 5;
    const text = question.readUInt16BE(at + 1) === 16 ? records.get(labels.join('.')) : undefined;
    const head = Buffer.from([question[0], question[1], 0x81, text ? 0x80 : 0x83, 0, 1, 0, text ? 1 : 0, 0, 0, 0, 0]);
    const record = text ? Buffer.concat([Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 1, 0, text.length + 1, text.length]), Buffer.from(text)]) : Buffer.alloc(0);
    socket.send(Buffer.concat([head, question.subarray(12, end), record]), port, address);
  });
  await new Promise((ready) => socket.bind(port, '127.0.0.1', ready));
  return { records, stop: () => new Promise((done) => socket.close(done)) };
}
