// Unmodified Chromium, headless, at the pages of the lab server, with its own virtual authenticator.
//
//   browser.mjs --program target/debug/passkey-lab [--screenshots DIR]
//
// Registers and signs in as a person would, in every way that the pages offer; @simplewebauthn/browser does the same
// through the FIDO conformance API; pages of another origin try what they can; axe-core looks at every page, wide and
// narrow, light and dark. Modules come from PASSKEY_LAB_ORACLE_NODE_MODULES. Exit status 0 when everything came out as
// written here, 3 when Chromium or a module is not installed.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { AAGUID, AUTHENTICATOR, CHROMIUM, Lab, MODULES, STAFF, playwright, require, step, steps } from "./lab_server.mjs";

const { values: options } = parseArgs({ options: { program: { type: "string" }, screenshots: { type: "string" } } });
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const simplewebauthn = readFileSync(path.join(MODULES, "@simplewebauthn/browser/dist/bundle/index.umd.min.js"), "utf8");

const lab = await Lab.start(options.program);
const browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
const context = await browser.newContext();
const page = await context.newPage();
page.setDefaultTimeout(60_000);
const faults = [];
page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
page.on("pageerror", (error) => faults.push(String(error)));
const devtools = await context.newCDPSession(page);
await devtools.send("WebAuthn.enable");
const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });

const visit = (where) => page.goto(lab.origin + where);
const text = () => page.locator("main").innerText();
async function comesToVerdict(act) {
  await act();
  await page.waitForURL(/\/ceremonies\/\d+$/).catch(async (error) => {
    throw new Error(`no verdict: ${error.message}\n${await text()}\n${faults.join("\n")}`);
  });
  return page.locator(".verdict h1").innerText();
}
const register = (name) =>
  comesToVerdict(async () => {
    await visit(`/mysecurityinfo?user=${STAFF}`);
    await page.getByLabel("Name of the passkey").fill(name);
    await page.getByRole("button", { name: "Add passkey" }).click();
  });
const signIn = (label) =>
  comesToVerdict(async () => {
    await visit("/signin");
    if (label === "Continue") await page.getByLabel("User name", { exact: true }).fill(STAFF);
    await page.getByRole("button", { name: label }).click();
  });

try {
  await step("a pilot user registers, and the trace shows the authenticator's own AAGUID", async () => {
    assert.match(await register("Chromium"), /^Allowed/, await text());
    const shown = await text();
    assert.ok(shown.includes(AAGUID), shown);
    assert.ok(shown.includes("packed"), "attestation arrives");
  });
  await step("the user handle that left the process is a random one of the lab's", async () => {
    const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0].rpId, "localhost");
    assert.ok(Buffer.from(credentials[0].userHandle, "base64").subarray(0, 3).equals(Buffer.from("LAB")));
  });
  await step("signs in with a user name, without, and from suggestions", async () => {
    for (const way of ["Continue", "Sign in with a passkey", "Wait for a choice"]) {
      assert.match(await signIn(way), /^Allowed/, way);
    }
  });
  await step("a second registration fails in the browser, and the page explains it", async () => {
    assert.match(await register("Again"), /^Refused/);
    assert.match(await text(), /InvalidStateError/);
    assert.match(await text(), /holds a passkey of this user already/);
  });
  await step("the console that is open lists a ceremony as it happens", async () => {
    const watching = await context.newPage();
    await watching.goto(lab.origin);
    const before = await watching.locator("[data-live] tr").count();
    await signIn("Sign in with a passkey");
    await watching.waitForFunction((count) => document.querySelectorAll("[data-live] tr").length > count, before);
    await watching.close();
  });
  await step("a passkey is renamed", async () => {
    await visit(`/mysecurityinfo?user=${STAFF}`);
    await page.getByLabel("New name of Chromium").fill("Blue key");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { name: "Blue key" }).waitFor();
  });
  await step("a profile that is edited decides the very next ceremony, and the page names the rule", async () => {
    await visit("/tenant");
    await page.getByLabel("AAGUIDs, one a line").fill("a25342c0-3cdc-4414-8e46-f4807fca511c");
    await page.getByRole("group", { name: "Key restrictions" }).getByLabel("enforced").check();
    await page.getByRole("button", { name: "Compare before and after" }).first().click();
    await page.getByRole("heading", { name: "Before and after" }).waitFor();
    await page.getByRole("button", { name: "Save this" }).click();
    await page.waitForURL(/\/tenant$/);
    assert.match(await signIn("Sign in with a passkey"), /^Refused by entra\/key-restrictions/);
    assert.match(await text(), /not on the allow list/);
  });
  await step("a recorded ceremony is judged as it was then, whatever the policy is now", async () => {
    await visit("/");
    await page.locator("[data-live] tr", { hasText: "registration" }).last().getByRole("link").click();
    assert.match(await page.locator(".verdict h1").innerText(), /^Allowed/);
    assert.match(await text(), /matches the profile “Default passkey profile” as a whole/);
  });
  await step("a case is captured", async () => {
    await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
    await visit("/capture");
    await page.getByRole("button", { name: "Register" }).click();
    await page.locator("[data-case]").waitFor();
    const made = JSON.parse(await page.locator("#text").inputValue());
    assert.deepEqual([made.kind, made.rp_id, made.origin], ["registration", "localhost", lab.origin]);
  });
  await step("an emulated authenticator registers and signs in by the page's forms", async () => {
    await visit(`/emulated?user=${STAFF}`);
    await page.getByLabel("Model").fill("yubikey-5-nfc");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "Allowed" }).waitFor();
    assert.ok((await page.locator("main").innerText()).includes("a25342c0-3cdc-4414-8e46-f4807fca511c"));
    await visit("/emulated");
    await page.getByRole("button", { name: "Sign in with YubiKey 5" }).click();
    await page.getByRole("heading", { name: "Allowed" }).waitFor();
  });
  await step("@simplewebauthn/browser registers and signs in through the conformance API", async () => {
    await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
    await visit("/capture");
    await page.evaluate(simplewebauthn);
    const said = await page.evaluate(async () => {
      const post = async (path, body) => {
        const headers = { "content-type": "application/json" };
        return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
      };
      const { startRegistration, startAuthentication } = globalThis.SimpleWebAuthnBrowser;
      const username = "simple@lab.example";
      const creation = await post("/attestation/options", { username, displayName: "Simple", attestation: "direct" });
      const registered = await post("/attestation/result", await startRegistration({ optionsJSON: creation }));
      const request = await post("/assertion/options", { username, userVerification: "required" });
      const assertion = await startAuthentication({ optionsJSON: request });
      const signedIn = await post("/assertion/result", assertion);
      return [registered, signedIn, await post("/assertion/result", assertion)];
    });
    assert.deepEqual(said.map(({ status }) => status), ["ok", "ok", "failed"], JSON.stringify(said));
    assert.match(said[2].errorMessage, /answered already/);
  });
  assert.deepEqual(faults.filter((fault) => !fault.includes("status of 4")), [], "no page complains");

  await step("a page of another origin can send, load and frame nothing", async () => {
    const foreign = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<iframe src="${lab.origin}/"></iframe><form method=post action="${lab.origin}/tenant/import"><input name=example value=fresh-default></form>`);
    });
    await new Promise((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    const evil = await context.newPage();
    await evil.goto(`http://127.0.0.1:${foreign.address().port}/`);
    const sent = await evil.evaluate(async (origin) => {
      const ask = (path, init) => fetch(origin + path, init).then((it) => `answered ${it.status} ${it.type}`, (error) => error.name);
      const text = { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" };
      return [await ask("/"), await ask("/attestation/options", text), await ask("/ceremonies", { credentials: "include" })];
    }, lab.origin);
    assert.deepEqual(sent, ["TypeError", "TypeError", "TypeError"], "nothing can be read");
    const [frame] = evil.frames().filter((frame) => frame !== evil.mainFrame());
    assert.ok(!(await frame.content()).includes("Passkey Lab"), "it is not framed");
    const answer = evil.waitForResponse((response) => response.url().endsWith("/tenant/import"));
    await evil.evaluate(() => document.forms[0].submit());
    assert.equal((await answer).status(), 403, "a form that sends itself");
    await evil.close();
    foreign.close();
  });

  const newest = await (async () => (await visit("/"), page.locator("[data-live] a").first().getAttribute("href")))();
  const refused = await page.locator("[data-live] tr", { hasText: "refused" }).first().getByRole("link").getAttribute("href");
  const pages = {
    console: "/", "security-info": `/mysecurityinfo?user=${STAFF}`, "sign-in": "/signin", emulated: "/emulated", tenant: "/tenant", matrix: "/matrix",
    capture: "/capture", log: "/log", enter: "/enter", allowed: newest, refused, failure: "/nowhere-at-all/", missing: "/ceremonies/9999999",
  };
  for (const [name, where] of Object.entries(pages).filter(([name]) => name !== "failure")) {
    await step(`axe-core finds nothing on ${name}`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        for (const [size, width] of [["wide", 1280], ["narrow", 390]]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          await visit(where);
          await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
          assert.deepEqual(found, [], `${name}, ${colorScheme}, ${size}`);
          const across = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(across <= 0, `${name}, ${size}: ${across} px wider than the screen`);
          if (options.screenshots) {
            mkdirSync(options.screenshots, { recursive: true });
            await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = false)));
            await page.screenshot({ path: path.join(options.screenshots, `${name}-${size}-${colorScheme}.png`), fullPage: true });
          }
        }
      }
    });
  }
  console.log(`all ${steps()} steps came out as written`);
} finally {
  await browser.close();
  await lab.stop();
}
