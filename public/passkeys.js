// What only a browser can do with passkeys (WebAuthn level 3): talk to an authenticator. A form with a field `data-passkey`
// is held back when it is sent, the field is filled in with what the authenticator answered, and the form is sent again.

// As the head of every page has found (before_hydration.js).
const usable = document.documentElement.dataset.passkeys === 'yes';

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** Something that the person is told in these words. */
class Told extends Error {}

/** What to ask the authenticator for; nothing if the portal refuses to say, which it explains when the form comes. */
async function start(path) {
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(path, { method: 'POST', headers }).catch(() => {
    throw new Told('The portal cannot be reached. Check your connection and try again.');
  });
  if (answer.status === 429) throw new Told('Too many attempts. Try again in a minute.');
  return answer.ok ? answer.json() : undefined;
}

async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((known) => ({ ...known, id: bytes(known.id) })),
  };
  const { id, type, response } = await navigator.credentials.create({ publicKey });
  return {
    id, rawId: id, type,
    response: { attestationObject: text(response.attestationObject), clientDataJSON: text(response.clientDataJSON) },
  };
}

async function get(options, how) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  const { id, type, response } = await navigator.credentials.get({ publicKey, ...how });
  return {
    id, rawId: id, type,
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle && text(response.userHandle),
    },
  };
}

/** What went wrong, and what to do. Browsers give the same error for "no" and for "too late". */
function told(error, options, began) {
  if (error instanceof Told) return error.message;
  const late = options?.timeout && Date.now() - began >= options.timeout - 1000;
  switch (error.name) {
    case 'NotAllowedError':
      return late ? 'This took too long. Try again.' : 'You stopped, or this device has no passkey for it. Try again when you are ready.';
    case 'InvalidStateError':
      return 'This device has a passkey of yours already. You can sign in with it.';
    case 'NotSupportedError':
    case 'ConstraintError':
      return 'This device cannot keep a passkey that checks who uses it. Set a screen lock or a PIN, or use another device.';
    case 'SecurityError':
      return 'Passkeys work only at the portal’s own address.';
    default:
      return 'This did not work. Try again, or use another device.';
  }
}

/** Forms that are sent with their answer. */
const answered = new WeakSet();

function send(form, input, answer) {
  input.value = answer ? JSON.stringify(answer) : '';
  for (const copy of form.querySelectorAll('[data-copies]')) copy.disabled = !document.getElementById(copy.dataset.copies)?.checked;
  answered.add(form);
  form.requestSubmit();
}

let busy = false;

async function ask(form, input) {
  const button = form.querySelector('[type=submit]');
  const problem = form.querySelector('p[role=alert]');
  const began = Date.now();
  let options;
  busy = true;
  problem.textContent = '';
  button.setAttribute('aria-disabled', 'true');
  try {
    autofill?.abort();
    options = await start(input.dataset.start);
    const answer = options && (await (input.dataset.passkey === 'create' ? create(options) : get(options)));
    button.removeAttribute('aria-disabled');
    send(form, input, answer);
  } catch (error) {
    button.removeAttribute('aria-disabled');
    problem.textContent = told(error, options, began);
    offerInField();
  } finally {
    busy = false;
  }
}

// Before the page's own listeners, which then see only forms that are complete.
document.addEventListener('submit', (event) => {
  const form = event.target;
  const input = form.querySelector('input[data-passkey]');
  if (!input) return;
  if (answered.delete(form)) {
    // An answer can be sent once.
    setTimeout(() => { input.value = ''; });
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!busy) ask(form, input);
}, true);

/** The request behind the field in which the browser offers passkeys. */
let autofill;

/** Lets the browser offer its passkeys where the address is typed, anew before what they sign is too old. */
async function offerInField() {
  const input = document.querySelector('input[data-passkey][data-autofill]');
  if (!input || !usable || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  // A browser takes one request at a time, and the button may have been pressed while it was asked.
  if (autofill || busy) return;
  const own = (autofill = new AbortController());
  const renewal = setTimeout(() => own.abort('renew'), 4 * 60_000);
  try {
    const options = await start(input.dataset.start);
    if (options) send(input.form, input, await get(options, { mediation: 'conditional', signal: own.signal }));
  } catch {
    // Nothing was chosen; the button says what is wrong.
  }
  clearTimeout(renewal);
  autofill = undefined;
  if (own.signal.reason === 'renew') offerInField();
}

offerInField();
// The page may have been reached without loading the document anew.
document.addEventListener('focusin', (event) => {
  if (event.target.autocomplete?.includes('webauthn')) offerInField();
});
