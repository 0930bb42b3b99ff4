// Unmodified Chromium, started by the very command that the lab prints, where the lab speaks TLS.
//
//   browser_tls.mjs --program target/debug/passkey-lab [--screenshots DIR]
//
// At https://login.microsoft.com, which is the lab in this browser alone, at a related origin, and at https://localhost:
// registers and signs in with the browser's own authenticator. Then a page of another origin in the same browser, and one
// whose name was made to point at the lab, try what they can. Exit status as browser.mjs.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { AAGUID, AUTHENTICATOR, CHROMIUM, Lab, STAFF, playwright, require, step, steps } from "./lab_server.mjs";

const { values: options } = parseArgs({ options: { program: { type: "string" }, screenshots: { type: "string" } } });
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RP_ID = "login.microsoft.com";
const ENTRA = `https://${RP_ID}`;

// A browser as the printed command starts it, without a window, and with further rules in front.
async function start(lab, ...rules) {
  const [program, profile, ...more] = lab.browser.command;
  assert.equal(program, "chromium");
  const page = more.pop();
  const flags = more.map((flag) => flag.replace("--host-resolver-rules=", (name) => name + rules.map((rule) => `${rule}, `).join("")));
  const folder = profile.replace("--user-data-dir=", "");
  const context = await playwright.chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: ["--no-sandbox", ...flags] });
  context.setDefaultTimeout(60_000);
  return { context, page };
}

// A page with an authenticator of the browser's own.
async function withKey(context) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
  return { page, credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials };
}

async function verdict(page, act) {
  await act();
  await page.waitForURL(/\/ceremonies\/\d+$/).catch(async (error) => {
    throw new Error(`no verdict: ${error.message}\n${await page.locator("main").innerText()}`);
  });
  return page.locator(".verdict h1").innerText();
}
const register = (page, origin) =>
  verdict(page, async () => {
    await page.goto(`${origin}/mysecurityinfo?user=${STAFF}`);
    await page.getByRole("button", { name: "Add passkey" }).click();
  });
const signIn = (page, origin) =>
  verdict(page, async () => {
    await page.goto(`${origin}/signin`);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  });

// Registers and signs in at an origin; the trace shows the authenticator's own AAGUID.
async function rehearses(context, origin, rpId) {
  const { page, credentials } = await withKey(context);
  assert.match(await register(page, origin), /^Allowed/, await page.locator("main").innerText());
  const shown = await page.locator("main").innerText();
  assert.ok(shown.includes(AAGUID) && shown.includes("packed"), shown);
  const [made] = await credentials();
  assert.equal(made.rpId, rpId);
  assert.ok(Buffer.from(made.userHandle, "base64").subarray(0, 3).equals(Buffer.from("LAB")), "a handle of the lab's");
  assert.match(await signIn(page, origin), /^Allowed/);
  await page.close();
}

// What axe-core says of a page, wide and narrow, light and dark.
async function looksAt(page, name, where) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, width] of [["wide", 1280], ["narrow", 390]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(where);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name}, ${colorScheme}, ${size}`);
      const across = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(across <= 0, `${name}, ${size}: ${across} px wider than the screen`);
      if (options.screenshots) {
        mkdirSync(options.screenshots, { recursive: true });
        await page.screenshot({ path: path.join(options.screenshots, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      }
    }
  }
}

async function atEntrasHost() {
  const lab = await Lab.start(options.program, "--entra-host", "--tls=:0");
  const evil = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    const form = `<form method=post action="${ENTRA}/tenant/import"><input name=example value=fresh-default></form>`;
    response.end(`<iframe src="${ENTRA}/"></iframe>${form}`);
  });
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const port = new URL(lab.origin).port;
  const tls = lab.listening.tls.split(":").pop();
  const here = (host, port) => `MAP ${host} 127.0.0.1:${port}`;
  const rebound = [here("rebound.example:80", port), here("rebound.example:443", tls)];
  const { context, page } = await start(lab, here("evil.example", evil.address().port), ...rebound);
  try {
    await step("the printed command opens Entra's host, which is the lab and says so", async () => {
      const first = context.pages()[0] ?? (await context.newPage());
      await first.goto(page);
      assert.ok(first.url().startsWith(`${ENTRA}/mysecurityinfo`));
      assert.match(await first.locator(".labbar").innerText(), /LAB.*not Microsoft/s);
      assert.match(await first.locator("main").innerText(), /takes a slot of it/);
      const { nonce } = await first.evaluate(async () => (await fetch("/.well-known/passkey-lab")).json());
      assert.equal(nonce, lab.nonce, "the nonce of this run");
    });
    await step("registers and signs in at https://login.microsoft.com", () => rehearses(context, ENTRA, RP_ID));
    await step("and at a related origin, with the same RP ID", () => rehearses(context, "https://login.microsoftonline.com", RP_ID));
    await step("https://mysignins.microsoft.com hands over", async () => {
      const handed = await context.newPage();
      await handed.goto("https://mysignins.microsoft.com/security-info");
      assert.ok(handed.url().startsWith(`${ENTRA}/mysecurityinfo`), handed.url());
      await handed.close();
    });
    await step("no other host is to be had", async () => {
      // It stays open: closing the page of an error sometimes never ends.
      const nowhere = await context.newPage();
      for (const where of ["https://www.microsoft.com/", "https://graph.microsoft.com/", "http://login.microsoft.com/", lab.origin]) {
        await assert.rejects(nowhere.goto(where), /ERR_NAME_NOT_RESOLVED/, where);
      }
    });
    await step("the pages of the plain port say which command to use, and axe-core finds nothing on either", async () => {
      const text = await (await fetch(`${lab.origin}/signin`)).text();
      assert.ok(text.includes("--ignore-certificate-errors-spki-list=") && !text.includes("data-ceremony"));
      const other = await playwright.chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      await looksAt(await other.newPage(), "elsewhere", `${lab.origin}/mysecurityinfo?user=${STAFF}`);
      await looksAt(await context.newPage(), "entra-host", `${ENTRA}/mysecurityinfo?user=${STAFF}`);
      await other.close();
    });
    await step("a page of another origin can send, load, read and frame nothing", () => attack(context, lab));
    await step("a name that was made to point at the lab gets nothing, and is no related origin", async () => {
      const rebound = await context.newPage();
      for (const where of ["http://rebound.example/", "https://rebound.example/"]) {
        assert.equal((await rebound.goto(where)).status(), 421, where);
      }
      const asked = await rebound.evaluate(async () => {
        const ask = (path, init) => fetch(path, init).then((it) => it.status);
        const headers = { "content-type": "application/json" };
        const post = { method: "POST", headers, body: "{}" };
        return [await ask("/v1.0/users"), await ask("/.well-known/passkey-lab"), await ask("/signin/options", post)];
      });
      assert.deepEqual(asked, [421, 421, 421]);
      const refused = await rebound.evaluate(async (id) => {
        const bytes = new Uint8Array(32);
        const user = { id: bytes, name: "x", displayName: "x" };
        const publicKey = { rp: { id, name: "x" }, user, challenge: bytes, pubKeyCredParams: [{ type: "public-key", alg: -7 }] };
        return navigator.credentials.create({ publicKey }).then(() => "made", (error) => error.name);
      }, RP_ID);
      assert.equal(refused, "SecurityError", "it is no related origin");
      await rebound.close();
    });
  } finally {
    await context.close();
    evil.close();
    await lab.stop();
  }
}

async function attack(context, lab) {
  const before = await lab.events();
  const evil = await context.newPage();
  await evil.goto("http://evil.example/");
  const tried = await evil.evaluate(async (origin) => {
    const ask = (path, init) => fetch(origin + path, init).then((it) => `${it.status} ${it.type}`, (error) => error.name);
    const text = { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" };
    const form = { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({ example: "fresh-default" }) };
    const loads = (tag, path) => new Promise((resolve) => {
      const then = { onload: () => resolve("loaded"), onerror: () => resolve("error") };
      document.body.append(Object.assign(document.createElement(tag), { src: origin + path, ...then }));
    });
    const listens = new Promise((resolve) => {
      const source = new EventSource(`${origin}/events`, { withCredentials: true });
      source.onopen = () => resolve("open");
      source.onerror = () => resolve("error");
    });
    return {
      read: await ask("/"), withCredentials: await ask("/ceremonies", { credentials: "include" }),
      nonce: await ask("/.well-known/passkey-lab"), post: await ask("/attestation/options", text),
      preflight: await ask("/v1.0/users", { method: "DELETE" }), blind: await ask("/tenant/import", form),
      script: await loads("script", "/lab.mjs"), picture: await loads("img", "/icon.svg"), listens: await listens,
    };
  }, ENTRA);
  const no = "TypeError";
  assert.deepEqual(tried, {
    read: no, withCredentials: no, nonce: no, post: no, preflight: no, blind: no, script: "error", picture: "error", listens: "error",
  });
  const [frame] = evil.frames().filter((frame) => frame !== evil.mainFrame());
  assert.ok(!(await frame.content()).includes("Passkey Lab"), "it is not framed");
  const opened = await evil.evaluate((origin) => {
    const opened = window.open(`${origin}/`);
    return new Promise((resolve) => setTimeout(() => {
      try {
        resolve(opened.document ? "read" : "nothing");
      } catch (error) {
        resolve(error.name);
      }
    }, 1000));
  }, ENTRA);
  assert.ok(["SecurityError", "nothing"].includes(opened), opened);
  const answer = evil.waitForResponse((response) => response.url().endsWith("/tenant/import"));
  await evil.evaluate(() => document.forms[0].submit());
  assert.equal((await answer).status(), 403, "a form that sends itself");
  assert.equal(await lab.events(), before, "nothing happened");
  await evil.close();
}

async function atLocalhost() {
  const lab = await Lab.start(options.program, "--tls=:0");
  const { context, page } = await start(lab);
  try {
    await step("registers and signs in at https://localhost", async () => {
      assert.equal(page, `${lab.listening.secure}/`);
      await rehearses(context, lab.listening.secure, "localhost");
    });
    await step("a browser without the pin goes no further", async () => {
      const other = await playwright.chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      const stranger = await other.newPage();
      await assert.rejects(stranger.goto(page), /ERR_CERT_AUTHORITY_INVALID/);
      await other.close();
    });
  } finally {
    await context.close();
    await lab.stop();
  }
}

await atEntrasHost();
await atLocalhost();
console.log(`all ${steps()} steps came out as written`);
