// Chromium at the lab server's own pages, with whatever keys are plugged in, or with an authenticator of its own.
//
//   rehearse.mjs --command '["chromium", "--user-data-dir=DIR", .., PAGE]' --user NAME [--virtual]
//
// Registers and signs in as a person would, and says each step as one JSON line on standard output: "ready", "registered",
// "signed in" (with the text of the page that shows the verdict), or "failed". Whoever started it touches the key and types
// into the browser's dialogs; with --virtual there is no window and nobody is asked. A lab's token comes from
// PASSKEY_LAB_TOKEN, modules from PASSKEY_LAB_ORACLE_NODE_MODULES.

import { parseArgs } from "node:util";
import { AUTHENTICATOR, CHROMIUM, playwright } from "./lab_server.mjs";

const { values: options } = parseArgs({
  options: { command: { type: "string" }, user: { type: "string" }, virtual: { type: "boolean", default: false } },
});
const [, profile, ...flags] = JSON.parse(options.command);
const origin = new URL(flags.pop()).origin;
// As in the guest: root has no sandbox in Chromium, and there is no graphics card.
const here = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--password-store=basic", "--window-size=900,700"];
// A ceremony on a slow machine.
const PATIENCE = 300_000;

const say = (step, more) => console.log(JSON.stringify({ step, ...more }));

async function verdict(page) {
  const told = page.waitForURL(/\/ceremonies\/\d+$/).then(() => page.locator("main").innerText());
  const refused = page.locator(".status:not(:empty)").filter({ hasNotText: /^(The browser asks|Judging)/ });
  return Promise.race([told, refused.first().innerText().then((text) => Promise.reject(new Error(text)))]);
}

let context;
try {
  context = await playwright.chromium.launchPersistentContext(profile.replace("--user-data-dir=", ""), {
    executablePath: CHROMIUM, headless: options.virtual, viewport: null, args: [...here, ...flags],
  });
  context.setDefaultTimeout(PATIENCE);
  const page = context.pages()[0] ?? (await context.newPage());
  if (options.virtual) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
  }
  if (process.env.PASSKEY_LAB_TOKEN) {
    await page.goto(`${origin}/`);
    await page.getByLabel("Token of the lab").fill(process.env.PASSKEY_LAB_TOKEN);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.waitForURL(`${origin}/`);
  }
  await page.goto(`${origin}/mysecurityinfo?user=${options.user}`);
  say("ready");
  await page.getByRole("button", { name: "Add passkey" }).click();
  say("registered", { response: await verdict(page) });
  await page.goto(`${origin}/signin`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  say("signed in", { response: await verdict(page) });
} catch (error) {
  say("failed", { why: String(error) });
} finally {
  await context?.close();
}
