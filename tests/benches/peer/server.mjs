// The server that the lab's speed is held against: @simplewebauthn/server, Express and better-sqlite3 in one process,
// as their documentation shows them, behind the same FIDO conformance server API.
//
//   node server.mjs FILE        prints {"listening": PORT} when it is ready
//
// It does what the lab does for a sign-in and no more: a challenge that is answered once and in time, a response that
// is verified, and in one transaction the counter and a row of the log with the bytes that were judged. Of these rows
// it keeps the newest 10,000, as the lab does. Challenges wait in memory on both sides.

import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import Database from "better-sqlite3";
import express from "express";

const RP_ID = "localhost";
const LIFETIME = 5 * 60 * 1000;
const MOST_WAITING = 65_536;
const KEPT = 10_000;
const SLACK = KEPT / 10;

const database = new Database(process.argv[2]);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
database.pragma("wal_autocheckpoint = 4000");
database.exec(`
  CREATE TABLE credentials (id TEXT PRIMARY KEY, username TEXT NOT NULL, key BLOB NOT NULL, counter INTEGER NOT NULL,
                            transports TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX credentials_by_user ON credentials (username);
  CREATE TABLE log (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, username TEXT NOT NULL,
                    credential TEXT NOT NULL, input TEXT NOT NULL) STRICT;
`);
const ofUser = database.prepare("SELECT id, transports FROM credentials WHERE username = ?");
const byId = database.prepare("SELECT username, key, counter FROM credentials WHERE id = ?");
const add = database.prepare("INSERT INTO credentials (id, username, key, counter, transports) VALUES (?, ?, ?, ?, ?)");
const count = database.prepare("UPDATE credentials SET counter = ? WHERE id = ?");
const write = database.prepare("INSERT INTO log (at, kind, username, credential, input) VALUES (?, ?, ?, ?, ?)");
const forget = database.prepare("DELETE FROM log WHERE seq <= ?");

function record(kind, username, credential, input) {
  const { lastInsertRowid: seq } = write.run(new Date().toISOString(), kind, username, credential, JSON.stringify(input));
  if (seq % SLACK === 0) forget.run(seq - KEPT);
  return seq;
}
const registered = database.transaction((username, { id, publicKey, counter }, input) => {
  add.run(id, username, publicKey, counter, "[]");
  return record("registered", username, id, input);
});
const signedIn = database.transaction((username, id, counter, input) => {
  count.run(counter, id);
  return record("signedIn", username, id, input);
});

// Challenges that wait, in the order in which they came.
const waiting = new Map();
function wait(username, options) {
  waiting.set(options.challenge, { username, options, expires: Date.now() + LIFETIME });
  if (waiting.size > MOST_WAITING) waiting.delete(waiting.keys().next().value);
}
function answered(response) {
  const { challenge } = JSON.parse(Buffer.from(response.response.clientDataJSON, "base64url"));
  const found = waiting.get(challenge);
  waiting.delete(challenge);
  if (!found || found.expires < Date.now()) throw new Error("no ceremony waits for this challenge");
  return found;
}

const descriptors = (username) =>
  ofUser.all(username).map(({ id, transports }) => ({ id, transports: JSON.parse(transports) }));

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use(express.json({ limit: "1mb" }));

app.post("/attestation/options", async (request, response) => {
  const { username, displayName, attestation, authenticatorSelection } = request.body;
  const options = await generateRegistrationOptions({
    rpName: "Peer",
    rpID: RP_ID,
    userName: username,
    userDisplayName: displayName,
    attestationType: attestation,
    authenticatorSelection,
    excludeCredentials: descriptors(username),
  });
  wait(username, options);
  response.json({ ...options, status: "ok", errorMessage: "" });
});

app.post("/attestation/result", async (request, response) => {
  const { username, options } = answered(request.body);
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: request.body,
    expectedChallenge: options.challenge,
    expectedOrigin: origin,
    expectedRPID: RP_ID,
    requireUserVerification: false,
  });
  if (!verified) throw new Error("not verified");
  const ceremony = registered(username, registrationInfo.credential, { options, response: request.body });
  response.json({ ceremony, status: "ok", errorMessage: "" });
});

app.post("/assertion/options", async (request, response) => {
  const { username, userVerification } = request.body;
  const allowCredentials = descriptors(username);
  if (allowCredentials.length === 0) throw new Error("the user has no credential here");
  const options = await generateAuthenticationOptions({ rpID: RP_ID, allowCredentials, userVerification });
  wait(username, options);
  response.json({ ...options, status: "ok", errorMessage: "" });
});

app.post("/assertion/result", async (request, response) => {
  const { username, options } = answered(request.body);
  const credential = byId.get(request.body.id);
  if (credential?.username !== username) throw new Error("not a credential of this user");
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: request.body,
    expectedChallenge: options.challenge,
    expectedOrigin: origin,
    expectedRPID: RP_ID,
    credential: { id: request.body.id, publicKey: credential.key, counter: credential.counter },
    requireUserVerification: false,
  });
  if (!verified) throw new Error("not verified");
  const input = { options, response: request.body };
  const ceremony = signedIn(username, request.body.id, authenticationInfo.newCounter, input);
  response.json({ ceremony, status: "ok", errorMessage: "" });
});

app.use((error, _request, response, _next) => {
  response.status(error.status ?? 400).json({ status: "failed", errorMessage: error.message });
});

let origin;
const server = app.listen(0, "127.0.0.1", () => {
  origin = `http://localhost:${server.address().port}`;
  console.log(JSON.stringify({ listening: server.address().port }));
});
