import { expect, people, PASSWORD, test } from '../fixtures';
import { portOf, startServer, type Server } from '../portal';
import { request, type APIRequestContext, type TestInfo } from '@playwright/test';

/** A second server over the same data, so that one can be killed while the other goes on. */
async function secondServer(project: string): Promise<{ server: Server; client: APIRequestContext }> {
  const baseURL = `http://127.0.0.1:${portOf(project) + 1}`;
  const server = await startServer(project, baseURL);
  return { server, client: await request.newContext({ baseURL, extraHTTPHeaders: { origin: baseURL, accept: 'application/json' } }) };
}

/** Does something again and again until the server is gone, and notes what the server said was done. */
async function untilItDies(client: APIRequestContext, path: string, form: (count: number) => Record<string, string>, done: (count: number) => void) {
  for (let count = 1; count < 150; count += 1) {
    const answer = await client.post(path, { form: form(count) }).catch(() => null);
    if (!answer) return;
    expect(answer.status(), await answer.text().catch(() => 'gone')).toBe(200);
    done(count);
  }
  throw new Error('the server was never killed');
}

function onlyOnce(info: TestInfo) {
  test.skip(info.project.name !== 'desktop', 'no browser takes part');
}

test('a server that is killed in mid-work loses nothing that it has acknowledged', async ({ page, signIn, baseURL, unique }, info) => {
  onlyOnce(info);
  // What the killed server had in hand is sent by the other one after a minute.
  test.setTimeout(240_000);
  const second = await secondServer(info.project.name);
  const signedIn = await second.client.post('/api/signin/in', { form: { 'form[email]': people.ines, 'form[password]': PASSWORD } });
  expect(signedIn.ok(), await signedIn.text()).toBe(true);
  const before = await (await second.client.get('/api/account/find')).json();

  const name = (count: number) => unique(`Initech ${count}`);
  const key = (count: number) => unique(`Crash ${count}`);
  const changed: number[] = [];
  const created: number[] = [];
  const note = (list: number[]) => (count: number) => {
    list.push(count);
    if (changed.length > 5 && created.length > 5) void second.server.stop('SIGKILL');
  };
  await Promise.all([
    untilItDies(second.client, '/api/account/update', (count) => ({ 'form[name]': name(count), 'form[email]': before.details.email }), note(changed)),
    untilItDies(second.client, '/api/keys/create', (count) => ({ 'form[name]': key(count) }), note(created)),
  ]);

  // What is stored: every change with its entry, each beginning where the one before ended, and at most the one that
  // was under way more than was acknowledged.
  await signIn('ines', { fresh: true });
  const after = await (await page.request.get('/api/account/find')).json();
  const trail = await page.request.post('/activity/export', { form: { format: 'json' }, headers: { origin: baseURL! } });
  const entries: any[] = await trail.json();
  const names = entries.filter((entry) => entry.kind === 'account.updated' && entry.details.name).map((entry) => entry.details.name);
  const chain = names.slice(names.findIndex((change) => change.after === name(1)));
  expect(chain.map((change) => change.after)).toEqual(chain.map((_, index) => name(index + 1)));
  expect(chain.slice(1).map((change) => change.before)).toEqual(chain.slice(0, -1).map((change) => change.after));
  expect(chain.length - changed.length).toBeLessThanOrEqual(1);
  expect(chain.length).toBeGreaterThanOrEqual(changed.length);
  expect(after.details.name).toBe(chain.at(-1).after);

  // Every key that was acknowledged is there and written down.
  const subjects = entries.filter((entry) => entry.kind === 'key.created').map((entry) => entry.subject);
  const pages = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((number) => page.request.get(`/api/keys/list?search=Crash&page=${number}`)));
  const rows: any[] = (await Promise.all(pages.map((answer) => answer.json()))).flatMap((list) => list.keys.rows);
  for (const count of created) {
    expect(subjects).toContain(key(count));
    expect(rows.map((row) => row.name)).toContain(key(count));
  }

  // Put back as it was before the mails are waited for: the proof of who it is does not last as long.
  for (const row of rows) {
    const revoked = await page.request.post('/api/keys/revoke', { form: { 'form[id]': row.id, 'form[reason]': 'Made by a test' }, headers: { origin: baseURL! } });
    expect(revoked.ok()).toBe(true);
  }
  const restored = await page.request.post('/api/account/update', {
    form: { 'form[name]': before.details.name, 'form[email]': before.details.email },
    headers: { origin: baseURL! },
  });
  expect(restored.ok()).toBe(true);

  // The mail of every such key goes out from the server that is left.
  await expect(async () => {
    const inbox = await (await page.request.get('/dev/mail')).text();
    expect(created.filter((count) => !inbox.includes(`API key created: ${key(count)}<`))).toEqual([]);
  }).toPass({ timeout: 150_000 });
});
