// Judges recorded cases with @simplewebauthn/server: one JSON line in, one JSON line out.
//
//     node simplewebauthn.mjs < cases.jsonl > verdicts.jsonl
//
// The protocol is in README.md. Packages are looked for in $PASSKEY_LAB_ORACLE_NODE_MODULES, else where
// scripts/setup puts them. Exit status 0 when every line was answered, 3 when the verifier is not installed.
//
// `unsupported` is decided by the error: NOT_IMPLEMENTED below, a format it names as unsupported, an algorithm that
// is no member of its COSEALG, or PQCNotSupportedError (this Node.js has no ML-DSA). All else is a reject.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

import { OddChallenge, Unreadable, causes, explain, loadLine, readCase } from './cases.mjs';

const MODULES =
  process.env.PASSKEY_LAB_ORACLE_NODE_MODULES ??
  fileURLToPath(new URL('../../target/oracles/node/node_modules', import.meta.url));

const NOT_IMPLEMENTED = [
  /^Could not map COSE alg value of /,
  /^Signature verification with public key of kty .* is not supported by this method/,
  /^Certificate public key contained unexpected (namedCurve|algorithm ID) /,
  // Curve 8 is secp256k1: ES256K is in the library's list of algorithms, but no code stands behind it.
  /^(unknown COSE curve|Unexpected COSE crv value of) 8\b/,
];
// Sentences that stand both for "not implemented" and for "not in your list": only the number tells.
const ALGORITHM =
  /^(?:Unexpected public key alg "|Public key had invalid alg |Attestation statement contained invalid alg )(-?\d+)/;
const CHAINED_FORMATS = ['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'packed', 'tpm'];

/** The library and its version, or a message and exit status 3. */
function load() {
  const require = createRequire(path.join(MODULES, 'resolve-from-here.cjs'));
  try {
    const manifest = path.join(MODULES, '@simplewebauthn/server/package.json');
    return {
      version: JSON.parse(readFileSync(manifest, 'utf8')).version,
      ...require('@simplewebauthn/server'),
      helpers: require('@simplewebauthn/server/helpers'),
    };
  } catch (error) {
    console.error(`@simplewebauthn/server is not installed: ${error.message} (scripts/setup --tests installs it)`);
    process.exit(3);
  }
}

const library = load();
const IMPLEMENTED = Object.values(library.helpers.cose.COSEALG).filter((alg) => typeof alg === 'number');
const DEFAULT_ROOTS = new Map(
  CHAINED_FORMATS.map((format) => [format, library.SettingsService.getRootCertificates({ identifier: format })]),
);

// A certificate with a CRL distribution point makes the library download; a judge asks nobody, so revocation
// is not checked (the library goes on after a network error).
globalThis.fetch = () => Promise.reject(new Error('the oracle has no network'));

async function judge(testCase) {
  const restore = clockAt(testCase.verifyTime);
  useAnchors(testCase.anchors);
  try {
    const verified = testCase.kind === 'registration' ? await register(testCase) : await authenticate(testCase);
    return verified ? accepted(testCase) : { result: 'reject', trust: 'not-checked', why: 'verified: false (signature)' };
  } catch (error) {
    return refused(testCase, error);
  } finally {
    restore();
  }
}

async function register(testCase) {
  const outcome = await library.verifyRegistrationResponse({
    response: testCase.response,
    expectedChallenge: testCase.challenge,
    expectedOrigin: testCase.origin,
    expectedRPID: testCase.rpId,
    requireUserVerification: testCase.requireUserVerification,
    supportedAlgorithmIDs: testCase.allowedAlgs ?? IMPLEMENTED,
  });
  return outcome.verified;
}

async function authenticate(testCase) {
  const outcome = await library.verifyAuthenticationResponse({
    response: testCase.response,
    expectedChallenge: testCase.challenge,
    expectedOrigin: testCase.origin,
    expectedRPID: testCase.rpId,
    expectedTopOrigin: testCase.framed ? topOriginOf(testCase) : undefined,
    requireUserVerification: testCase.requireUserVerification,
    credential: { id: testCase.response.id, publicKey: testCase.publicKey, counter: testCase.signCount },
  });
  return outcome.verified;
}

/** A case that expects framing takes any top origin; the library wants it named. */
function topOriginOf(testCase) {
  return library.helpers.decodeClientDataJSON(testCase.response.response.clientDataJSON).topOrigin;
}

function accepted(testCase) {
  const checked = testCase.anchors.length > 0 && testCase.kind === 'registration' && hasCertificates(testCase);
  if (!checked) return { result: 'accept', trust: 'not-checked', why: 'accepted' };
  return { result: 'accept', trust: 'trusted', why: 'accepted, and the certificates lead to an anchor of the case' };
}

function hasCertificates(testCase) {
  const statement = attestationObject(testCase.response.response.attestationObject).get('attStmt');
  return Boolean(statement.get('x5c') || statement.get('response'));
}

function refused(testCase, error) {
  const untrusted = causes(error).some((e) => e.code === 'CERTIFICATE_PATH_VERIFICATION_FAILED');
  const result = notImplemented(testCase, error) ? 'unsupported' : 'reject';
  return { result, trust: untrusted ? 'untrusted' : 'not-checked', why: explain(error) };
}

function notImplemented(testCase, error) {
  if (error.code === 'RUNTIME_NO_PQC_SUPPORT') return true;
  const named = ALGORITHM.exec(error.message);
  if (named) return offers(testCase, Number(named[1])) && !IMPLEMENTED.includes(Number(named[1]));
  if (error.message.startsWith('Unsupported Attestation Format: ')) {
    // A format that is no text is malformed, though the library says the same of it.
    return typeof attestationObject(testCase.response.response.attestationObject).get('fmt') === 'string';
  }
  return NOT_IMPLEMENTED.some((pattern) => pattern.test(error.message));
}

function offers(testCase, algorithm) {
  return testCase.allowedAlgs === null || testCase.allowedAlgs.includes(algorithm);
}

/** The anchors of the case for every format; without any, the library's own roots. */
function useAnchors(anchors) {
  for (const [identifier, roots] of DEFAULT_ROOTS) {
    library.SettingsService.setRootCertificates({ identifier, certificates: anchors.length > 0 ? anchors : roots });
  }
}

/** The library has no time argument and asks `Date`: this answers for the length of one case. */
function clockAt(moment) {
  if (moment === null) return () => {};
  const RealDate = globalThis.Date;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length > 0 ? args : [moment]));
    }
    static now() {
      return moment;
    }
  };
  return () => {
    globalThis.Date = RealDate;
  };
}

function attestationObject(text) {
  return library.helpers.decodeAttestationObject(library.helpers.isoBase64URL.toBuffer(text));
}

function credentialIdOf(text) {
  const { credentialID } = library.helpers.parseAuthenticatorData(attestationObject(text).get('authData'));
  return library.helpers.isoBase64URL.fromBuffer(credentialID);
}

/** One verdict; whatever happens, the batch goes on. */
async function answer(line) {
  let id = null;
  let verdict;
  try {
    const raw = loadLine(line);
    id = raw.id ?? null;
    verdict = await judge(readCase(raw, credentialIdOf));
  } catch (error) {
    verdict = unjudged(error);
  }
  return { id, verifier: '@simplewebauthn/server', version: library.version, ...verdict };
}

function unjudged(error) {
  const trust = 'not-checked';
  if (error instanceof OddChallenge) return { result: 'unsupported', trust, why: error.message };
  if (error instanceof Unreadable) return { result: 'error', trust, why: `case cannot be read: ${error.message}` };
  return { result: 'error', trust, why: `the adapter failed: ${explain(error)}` };
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) console.log(JSON.stringify(await answer(line)));
}
