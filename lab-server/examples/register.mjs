// An emulated YubiKey registers for a user and signs in: node register.mjs http://localhost:8080 USER
const [origin, user] = process.argv.slice(2);
const post = async (path, body) => {
  const headers = { "Content-Type": "application/json" };
  return (await fetch(origin + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
};
const key = await post("/api/authenticators", { model: "yubikey-5-nfc" });
for (const [step, body] of [["register", { user }], ["sign-in", {}]]) {
  console.log(step, (await post(`/api/authenticators/${key.id}/${step}`, body)).verdict);
}
