// A recorded case, read from one line of JSON; the twin of cases.py for verifiers from npm.

// The credential id is not covered by a signature at sign-in: where a case leaves it out, any id will do.
const PLACEHOLDER_ID = Buffer.from('credential-of-the-case').toString('base64url');

/** The case itself cannot be read: nothing is said about the ceremony. */
export class Unreadable extends Error {}

/** The challenge is text that no relying party could have made from bytes. */
export class OddChallenge extends Error {}

/** Reads one case; `idOf(attestationObject)` finds the credential id with the verifier's own parser. */
export function readCase(raw, idOf) {
  const kind = text(raw, 'kind');
  if (kind !== 'registration' && kind !== 'authentication') {
    throw new Unreadable(`kind is "${kind}", expected "registration" or "authentication"`);
  }
  const stored = raw.stored ?? {};
  const key = stored.credential_public_key_cose ?? raw.credential_public_key_cose;
  if (kind === 'authentication' && !key) {
    throw new Unreadable('credential_public_key_cose is missing: an authentication needs the stored key');
  }
  return {
    id: text(raw, 'id'),
    kind,
    rpId: text(raw, 'rp_id'),
    origin: text(raw, 'origin'),
    challenge: strictChallenge(text(raw, 'challenge')),
    verifyTime: readTime(raw.verify_time),
    requireUserVerification: Boolean(raw.require_user_verification),
    allowedAlgs: raw.allowed_algs ?? null,
    framed: Boolean(raw.cross_origin || raw.allow_cross_origin),
    publicKey: key ? Uint8Array.from(Buffer.from(key, 'base64url')) : null,
    signCount: Number(stored.sign_count ?? 0),
    anchors: raw.anchors ?? [],
    response: envelope(kind, raw.response, stored.credential_id, idOf),
  };
}

function text(raw, name) {
  if (typeof raw[name] !== 'string') throw new Unreadable(`${name} is missing or no text`);
  return raw[name];
}

/** Text that is the base64url form of some bytes, and of no others. */
function strictChallenge(value) {
  if (Buffer.from(value, 'base64url').toString('base64url') !== value) {
    throw new OddChallenge(`challenge "${value}" is not the base64url form of any bytes`);
  }
  return value;
}

/** A time; what is no time is ignored, as the contract says. */
function readTime(value) {
  const moment = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(moment) ? null : moment;
}

/** The `toJSON()` form, built around a bare inner `response` where a case has only that. */
function envelope(kind, response, storedId, idOf) {
  if (typeof response !== 'object' || response === null) throw new Unreadable('response is missing or no object');
  if (typeof response.response === 'object' && response.response !== null) return response;
  const found = kind === 'registration' ? quietly(() => idOf(response.attestationObject)) : storedId;
  const id = found || PLACEHOLDER_ID;
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
}

/** Undefined where the bytes do not get that far: the verifier will say so itself. */
function quietly(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** One line of the input as an object. */
export function loadLine(line) {
  let raw;
  try {
    raw = JSON.parse(line);
  } catch (error) {
    throw new Unreadable(`the line is no JSON: ${error.message}`);
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new Unreadable('the line is JSON, but no object');
  }
  return raw;
}

/** An error and what it was made from, outermost first. */
export function causes(error) {
  const chain = [];
  for (let current = error; current && !chain.includes(current); current = current.cause) chain.push(current);
  return chain;
}

/** The whole chain of an error in one line. */
export function explain(error) {
  return causes(error)
    .map((e) => `${e.name ?? 'Error'}: ${e.message ?? e}`.replaceAll('\n', ' '))
    .join(' <- ');
}
