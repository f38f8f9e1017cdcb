// Turns PostgreSQL's log on standard input into a script for pgbench: the statements of the last request in it, with the
// values they were sent. Prints how many there are.
import { readFileSync, writeFileSync } from 'node:fs';

const entries = [];
for (const line of readFileSync(0, 'utf8').split('\n')) {
  const start = line.match(/^\d{4}-\d\d-\d\d .*?\[(\d+)\].*? (LOG|DETAIL|ERROR|FATAL): {2}(.*)$/);
  if (start) {
    entries.push({ process: start[1], kind: start[2], text: start[3] });
  } else if (entries.length > 0) {
    entries.at(-1).text += `\n${line}`;
  }
}

// "duration: 0.1 ms  execute sqlx_s_1: SELECT …" and, for simple queries, "duration: 0.1 ms  statement: BEGIN".
const statements = [];
for (const [index, { process, kind, text }] of entries.entries()) {
  const executed = kind === 'LOG' && text.match(/^duration: [\d.]+ ms {2}(?:execute [^:]*|statement): ([\s\S]*)$/);
  if (!executed) continue;
  let sql = executed[1].replaceAll(/\s+/g, ' ').trim();
  const detail = entries[index + 1];
  if (detail?.kind === 'DETAIL' && detail.process === process) {
    const values = [...detail.text.matchAll(/\$(\d+) = ('(?:[^']|'')*'|NULL)/g)];
    for (const [, number, value] of values.reverse()) {
      sql = sql.replaceAll(new RegExp(`\\$${number}(?!\\d)`, 'g'), () => value);
    }
  }
  statements.push({ process, sql });
}

const from = statements.findLastIndex(({ sql }) => /^BEGIN/i.test(sql));
const request = statements.slice(from).filter(({ process }) => process === statements[from]?.process);
if (from < 0 || request.length < 2) {
  console.error('statements: the log holds no request');
  process.exit(1);
}
// A colon would begin a variable of pgbench, unless it is doubled in a cast: times are written without, the rest gets a space.
const script = request
  .map(({ sql }) => `${sql.replaceAll(/ (\d\d):(\d\d):(\d\d)(?=[.+])/g, ' $1$2$3').replaceAll(/(?<!:):(?!:)(?=\w)/g, ': ')};`)
  .join('\n');
writeFileSync(process.argv[2], `${script}\n`);
console.log(`${request.length} statements for a page, with ${request[0].sql.split(' ')[0]} and ${request.at(-1).sql}`);
