// Each project of the browser tests has a portal with demo data of its own, so that they run side by side.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../target/portal/foyer');
const projects = ['desktop', 'phone', 'nojs'];

/** Where a project's portal listens. The twenty ports from there on belong to the project, for further servers of its tests. */
export function portOf(project: string): number {
  return Number(process.env.E2E_PORT ?? '3199') + 20 * projects.indexOf(project);
}

/** Where a project's portal asks for the proofs of domains. */
export function namesPortOf(project: string): number {
  return portOf(project) + 1_000;
}

/** Where the demo data is before each project gets its copy. */
const seeded = {
  DATABASE_URL: process.env.DATABASE_URL!,
  MIGRATION_DATABASE_URL: process.env.MIGRATION_DATABASE_URL!,
  REDIS_URL: `${process.env.REDIS_URL}/4`,
};

function dataOf(project: string): typeof seeded {
  return {
    DATABASE_URL: `${seeded.DATABASE_URL}_${project}`,
    MIGRATION_DATABASE_URL: `${seeded.MIGRATION_DATABASE_URL}_${project}`,
    REDIS_URL: `${process.env.REDIS_URL}/${5 + projects.indexOf(project)}`,
  };
}

/** Makes the demo data anew, and a copy for each project. */
export function makeData() {
  const name = (data: typeof seeded) => new URL(data.MIGRATION_DATABASE_URL).pathname.slice(1);
  const create = (data: typeof seeded, template: string) => {
    for (const statement of [`DROP DATABASE IF EXISTS ${name(data)} WITH (FORCE)`, `CREATE DATABASE ${name(data)} TEMPLATE ${template}`]) {
      execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', process.env.TEST_DATABASE_URL!, '-c', statement], {
        env: { ...process.env, PGOPTIONS: '-c client_min_messages=warning' },
      });
    }
    execFileSync('redis-cli', ['-u', data.REDIS_URL, 'flushdb'], { stdio: 'ignore' });
  };
  create(seeded, 'template1');
  execFileSync(program, ['seed'], { env: { ...process.env, ...seeded, RUST_LOG: 'warn' } });
  for (const data of projects.map(dataOf)) {
    create(data, name(seeded));
    const copy = `for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', ARGV[1]) end`;
    execFileSync('redis-cli', ['-u', seeded.REDIS_URL, 'eval', copy, '0', new URL(data.REDIS_URL).pathname.slice(1)], { stdio: 'ignore' });
  }
}

/** Runs one of the program's commands over a project's data; gives what it prints. */
export function runCommand(project: string, ...command: string[]): string {
  return execFileSync(program, command, { encoding: 'utf8', env: { ...process.env, ...dataOf(project) } }).trim();
}

/** A running server. */
export type Server = { stop: (signal?: NodeJS.Signals) => Promise<void> };

/** Starts a server over a project's data, at an address of its own, and waits until it is ready. */
export async function startServer(project: string, address: string): Promise<Server> {
  const env = {
    ...process.env,
    ...dataOf(project),
    PORT: new URL(address).port,
    APP_URL: address,
    RETURN_URLS: 'http://localhost:4199',
    DNS_RESOLVER: `127.0.0.1:${namesPortOf(project)}`,
    RUST_LOG: 'warn',
  };
  const answers = () => fetch(`${address}/readyz`).then((answer) => answer.ok, () => false);
  // What an interrupted run left behind would be tested instead of this program.
  if (await answers()) throw new Error(`something else answers at ${address}: end it first`);
  const child = spawn(program, ['demo'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const latest = Date.now() + 240_000;
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() > latest) throw new Error(`the portal of ${project} does not start`);
    await new Promise((passed) => setTimeout(passed, 200));
  }
  return {
    stop: async (signal = 'SIGTERM') => {
      process.removeListener('exit', end);
      child.kill(signal);
      await ended;
    },
  };
}
