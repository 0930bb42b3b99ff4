// The lab's one module: it hands options to the browser and responses back, and keeps an open list fresh.

// The lab's own no, which is no failure of the browser's.
class Refusal extends Error {}

const json = async (path, body) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json().catch(() => ({ detail: `The lab answered ${answer.status}.` }));
  if (!answer.ok) throw new Refusal([said.detail, said.hint].filter(Boolean).join(" "));
  return said;
};

const fields = (form) => Object.fromEntries(new FormData(form));
const say = (form, text) => (form.querySelector(".status").textContent = text);

let waiting; // One ceremony at a time: a second one ends the first.
const signal = () => {
  waiting?.abort();
  waiting = new AbortController();
  return waiting.signal;
};

const create = (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return navigator.credentials.create({ publicKey, signal: signal() });
};
const get = (options, mediation) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey, mediation, signal: signal() });
};

const CEREMONIES = {
  registration: {
    options: (form) => json("/mysecurityinfo/options", { user: form.dataset.user, mfa: fields(form).mfa }),
    ask: (_, options) => create(options),
    result: (form, credential) => json("/mysecurityinfo/result", { credential, name: fields(form).name }),
  },
  authentication: {
    options: (form) => json("/signin/options", { user: form.dataset.way === "named" ? fields(form).user : null }),
    ask: (form, options) => get(options, form.dataset.way === "conditional" ? "conditional" : undefined),
    result: (_, credential) => json("/signin/result", { credential }),
  },
};

async function ceremony(form) {
  const kind = form.dataset.ceremony;
  const steps = CEREMONIES[kind];
  let options;
  let started;
  try {
    if (!globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
      throw new Refusal("This browser has no WebAuthn here, or is too old: the lab needs Level 3's JSON methods.");
    }
    options = await steps.options(form);
    const conditional = form.dataset.way === "conditional";
    say(form, conditional ? "Click into the field and choose a passkey." : "The browser asks you now.");
    if (conditional) form.querySelector("input").focus();
    started = performance.now();
    const credential = await steps.ask(form, options);
    say(form, "Judging…");
    const told = await steps.result(form, credential.toJSON());
    location.assign(`/ceremonies/${told.ceremony}`);
  } catch (error) {
    if (error instanceof Refusal || started === undefined) return say(form, error.message);
    await failed(form, kind, options.challenge, error, performance.now() - started);
  }
}

// Tells the lab how the browser failed; its page says what that means.
async function failed(form, ceremony, challenge, error, after) {
  const failure = { name: error.name, message: error.message, afterMs: Math.round(after) };
  try {
    const told = await json("/failed", { ceremony, challenge, failure });
    location.assign(`/ceremonies/${told.ceremony}`);
  } catch (refusal) {
    say(form, `${error.name}: ${error.message} ${refusal.message}`);
  }
}

const base64url = (bytes) => {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

// COSE keys by credential id: a sign-in is judged by the key that was registered in this tab.
const keys = new Map();
const coseKey = (data) => data.slice(55 + ((data[53] << 8) | data[54]));

const ALGORITHMS = [-7, -257, -8];

function captureOptions(form) {
  const { attestation, verification, attachment } = fields(form);
  const { rpId, userId } = form.dataset;
  const selection = { residentKey: "preferred", userVerification: verification };
  if (attachment) selection.authenticatorAttachment = attachment;
  return {
    rp: { id: rpId, name: "Passkey Lab (capture)" },
    user: { id: userId, name: "capture", displayName: "Capture" },
    challenge: nextChallenge(form),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    attestation,
    authenticatorSelection: selection,
  };
}

// The page's own challenge first, then others of the same length.
function nextChallenge(form) {
  const first = form.dataset.challenge;
  form.dataset.challenge = "";
  return first || base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function capture(form, kind) {
  say(form, "The browser asks you now.");
  const options = captureOptions(form);
  const { verification } = fields(form);
  const registers = kind === "registration";
  const { challenge, rp } = options;
  try {
    const credential = registers
      ? await create(options)
      : await get({ rpId: rp.id, challenge, userVerification: verification, allowCredentials: [] });
    if (registers) keys.set(credential.id, coseKey(new Uint8Array(credential.response.getAuthenticatorData())));
    const key = keys.get(credential.id);
    const more = registers ? { allowed_algs: ALGORITHMS } : key ? { credential_public_key_cose: base64url(key) } : {};
    show({
      id: `capture-${Date.now()}`, kind, comment: navigator.userAgent, rp_id: rp.id, origin: location.origin, challenge,
      verify_time: new Date().toISOString(), require_user_verification: verification === "required", ...more,
      response: credential.toJSON(),
    });
    say(form, registers || key ? "" : "It was registered elsewhere: add credential_public_key_cose before you judge it.");
  } catch (error) {
    say(form, `${error.name}: ${error.message}`);
  }
}

function show(made) {
  const section = document.querySelector("[data-case]");
  const text = JSON.stringify(made, null, 2);
  section.hidden = false;
  section.querySelector("textarea").value = text;
  section.querySelector("[data-download]").href = `data:application/json,${encodeURIComponent(text)}`;
}

async function accepted(form) {
  if (!PublicKeyCredential.signalAllAcceptedCredentials) {
    return say(form, "This browser cannot be told. Delete by hand, as below.");
  }
  try {
    await PublicKeyCredential.signalAllAcceptedCredentials(JSON.parse(form.dataset.accepted));
    say(form, "Told. A provider that listens hides or deletes the others; security keys do not listen.");
  } catch (error) {
    say(form, `${error.name}: ${error.message}`);
  }
}

function action(form, button) {
  if (form.dataset.ceremony) return () => ceremony(form);
  if ("capture" in form.dataset) return () => capture(form, button?.value ?? "registration");
  if (form.dataset.accepted) return () => accepted(form);
  return undefined;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const act = action(form, event.submitter);
  if (!act) return;
  event.preventDefault();
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  await act().finally(() => buttons.forEach((button) => (button.disabled = false)));
});

// A list that stays open is filled again whenever something happened.
async function refill(list) {
  const answer = await fetch(list.dataset.live);
  if (!answer.ok) return;
  const text = `<table><tbody>${await answer.text()}</tbody></table>`;
  list.replaceChildren(...new DOMParser().parseFromString(text, "text/html").querySelectorAll("tr"));
  list.rows[0]?.classList.add("fresh");
  document.querySelector("[data-live-status]").textContent = `Newest ceremony: ${list.rows[0]?.innerText ?? ""}`;
}

for (const list of document.querySelectorAll("[data-live]")) {
  new EventSource("/events").addEventListener("newest", () => refill(list));
}
