import { rmSync } from 'node:fs';
import { sessions } from './fixtures';
import { makeData } from './portal';

// Sessions of an earlier run belong to a database that is gone.
export default function beginAnew() {
  rmSync(sessions, { recursive: true, force: true });
  makeData();
}
