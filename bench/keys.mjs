// Keys for bench/keys, and how long a revocation takes from one process to the other.
//   node bench/keys.mjs make KEYS ROWS                  keys to ask for, and rows of those that exist
//   node bench/keys.mjs revoke ROWS HERE THERE COUNT    revokes at HERE, asks at THERE
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';

const TABLE = Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
});

const crc32 = (text) => ~[...Buffer.from(text)].reduce((crc, byte) => TABLE[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;

function key(number) {
    const body = `sk_live_${createHash('sha256').update(`bench ${number}`).digest('hex')}`;
    return body + crc32(body).toString(16).padStart(8, '0');
}

const id = (number) => `key-${number.toString(16).padStart(12, '0')}`;

function make(keys, rows) {
    const all = Array.from({ length: 10_000 }, (_, number) => number);
    writeFileSync(keys, all.map((number) => key(number) + '\n').join(''));
    // Of each twenty one is revoked and one is unknown.
    const known = all.filter((number) => number % 20 !== 1);
    writeFileSync(rows, known.map((number) => [id(number), key(number), number % 20 === 0 ? 't' : 'f'].join('\t') + '\n').join(''));
}

const agent = new http.Agent({ keepAlive: true });

function post(address, headers, body) {
    return new Promise((resolve, reject) => {
        const request = http.request(address, { method: 'POST', agent, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } }, (answer) => {
            let text = '';
            answer.on('data', (part) => (text += part));
            answer.on('end', () => resolve({ status: answer.statusCode, text }));
        });
        request.on('error', reject);
        request.end(body);
    });
}

async function code(node, key) {
    const headers = { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/json' };
    const answer = await post(`${node}/v1/keys/verify`, headers, JSON.stringify({ key }));
    return JSON.parse(answer.text).code;
}

async function revoke(here, id) {
    const headers = {
        Cookie: `foyer=${'5e55105e'.repeat(8)}`,
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        'Sec-Fetch-Site': 'same-origin',
    };
    const answer = await post(`${here}/api/keys/revoke`, headers, `form[id]=${id}&form[reason]=Leaked`);
    if (answer.status !== 200) throw new Error(`${id}: ${answer.status} ${answer.text}`);
}

async function measure(rows, here, there, count) {
    const good = readFileSync(rows, 'utf8').split('\n').map((line) => line.split('\t')).filter(([, , revoked]) => revoked === 'f');
    await code(there, good[0][1]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const sinceSent = [];
    const sinceAnswered = [];
    for (const [id, key] of good.slice(0, count)) {
        if ((await code(there, key)) !== 'valid') throw new Error(`${id} is not valid`);
        const sent = performance.now();
        await revoke(here, id);
        const answered = performance.now();
        while ((await code(there, key)) === 'valid');
        const refused = performance.now();
        sinceSent.push(refused - sent);
        sinceAnswered.push(refused - answered);
    }
    console.log(`revoked at one process, refused at the other, after the revocation was sent: ${summary(sinceSent)}`);
    console.log(`                                           after the revocation was answered: ${summary(sinceAnswered)}`);
}

function summary(times) {
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.ceil(times.length * share) - 1].toFixed(1);
    return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst of ${times.length} ${at(1)} ms`;
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'make') make(...rest);
else await measure(rest[0], rest[1], rest[2], Number(rest[3]));
