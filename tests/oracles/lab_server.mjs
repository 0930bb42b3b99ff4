// What the browser stages share: a running lab, the browser's own authenticator, and where Chromium and the modules are.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

export const MODULES = process.env.PASSKEY_LAB_ORACLE_NODE_MODULES;
export const CHROMIUM = [process.env.PASSKEY_LAB_CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

function missing(what) {
  console.error(`SKIPPED: ${what}`);
  process.exit(3);
}

if (!CHROMIUM) missing("chromium is not installed (Debian: chromium)");
if (!MODULES || !existsSync(path.join(MODULES, "playwright-core"))) missing("playwright-core is not installed (scripts/setup --tests)");
export const require = createRequire(path.join(MODULES, "x.js"));
export const playwright = require("playwright-core");

// What Chromium's virtual authenticator calls itself; nobody can set it.
export const AAGUID = "01020304-0506-0708-0102-030405060708";
export const STAFF = "pilot@lab.example";
export const AUTHENTICATOR = {
  protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
  isUserVerified: true, automaticPresenceSimulation: true,
};
// Everybody may register anything, and nobody is named: the lab makes pilot users.
const TENANT = JSON.stringify({
  fido2: {
    id: "Fido2", state: "enabled", isSelfServiceRegistrationAllowed: true, defaultPasskeyProfile: "00000000-0000-0000-0000-000000000001",
    passkeyProfiles: [{
      id: "00000000-0000-0000-0000-000000000001", name: "Default passkey profile", passkeyTypes: "deviceBound,synced",
      attestationEnforcement: "disabled", keyRestrictions: { isEnforced: false, enforcementType: "allow", aaGuids: [] },
    }],
    includeTargets: [{ targetType: "group", id: "all_users", allowedPasskeyProfiles: ["00000000-0000-0000-0000-000000000001"] }],
    excludeTargets: [],
  },
});

// A running lab.
export class Lab {
  static async start(program, ...more) {
    const lab = new Lab();
    const command = ["serve", "--tenant", "-", "--listen", ":0", "--management", ":0", "--rate-limit", "0", ...more];
    lab.process = spawn(program, command, { stdio: ["pipe", "pipe", "inherit"] });
    process.once("exit", () => lab.process.kill());
    lab.process.stdin.end(TENANT);
    const [line] = await once(createInterface({ input: lab.process.stdout }), "line", lab.process);
    const { listening, ...said } = JSON.parse(line);
    return Object.assign(lab, { origin: listening.pages, management: listening.management, listening, ...said });
  }

  // How many events its log has.
  async events() {
    const headers = { authorization: `Bearer ${this.token}`, "x-passkey-lab": "browser" };
    return (await (await fetch(this.management, { headers })).json()).events;
  }

  async stop() {
    const headers = { authorization: `Bearer ${this.token}`, "x-passkey-lab": "browser" };
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    await fetch(`${this.management}/stop`, { method: "POST", headers });
    assert.equal(await ended, 0, "the lab ends well");
  }
}

const once = (source, event, process) =>
  new Promise((resolve, reject) => {
    source.once(event, (...values) => resolve(values));
    process.once("exit", (status) => reject(new Error(`the lab ended with status ${status}`)));
  });

let done = 0;
export const steps = () => done;
export async function step(name, act) {
  const started = Date.now();
  await act();
  done += 1;
  console.log(`ok  ${name} (${Date.now() - started} ms)`);
}
