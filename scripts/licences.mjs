// Reads `cargo metadata` and fails when a dependency cannot be used under one of the licences below.
import { readFileSync } from 'node:fs';

const allowed = new Set([
  '0BSD', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'BSD-2-Clause', 'BSD-3-Clause', 'BSL-1.0', 'CC0-1.0', 'CDLA-Permissive-2.0',
  'ISC', 'MIT', 'MIT-0', 'MPL-2.0', 'OFL-1.1', 'Unicode-3.0', 'Unlicense', 'Zlib',
]);
// Licences that cargo cannot read, looked up by hand: package name to SPDX expression.
const known = { 'ttf-inter': 'OFL-1.1' };

// An SPDX expression holds when every part joined by AND has an alternative joined by OR that is allowed.
function holds(expression) {
  const tokens = expression.replaceAll('/', ' OR ').match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const primary = () => {
    if (tokens[at] === '(') {
      at += 1;
      const inner = either();
      at += 1;
      return inner;
    }
    let name = tokens[at++];
    if (tokens[at] === 'WITH') {
      name += ` WITH ${tokens[at + 1]}`;
      at += 2;
    }
    return allowed.has(name);
  };
  const both = () => {
    let value = primary();
    while (tokens[at] === 'AND') {
      at += 1;
      value = primary() && value;
    }
    return value;
  };
  const either = () => {
    let value = both();
    while (tokens[at] === 'OR') {
      at += 1;
      value = both() || value;
    }
    return value;
  };
  return either();
}

const { packages } = JSON.parse(readFileSync(0, 'utf8'));
const refused = packages.filter(({ name, license }) => !holds(known[name] ?? license ?? 'none'));
for (const { name, version, license } of refused) {
  console.error(`${name} ${version}: ${license ?? 'no licence stated'}`);
}
console.log(`${packages.length} packages, ${refused.length} under a licence that is not on the list`);
process.exit(refused.length === 0 ? 0 : 1);
