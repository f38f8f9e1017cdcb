import { rmSync } from 'node:fs';
import { sessions } from './fixtures';

// Sessions of an earlier run belong to a database that is gone.
export default function forgetSessions() {
  rmSync(sessions, { recursive: true, force: true });
}
