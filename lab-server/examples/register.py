# An emulated YubiKey registers for a user and signs in: python3 register.py http://localhost:8080 USER
import json, sys, urllib.request

def post(path, body):
    headers = {"Content-Type": "application/json"}
    return json.load(urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, json.dumps(body).encode(), headers)))

key = post("/api/authenticators", {"model": "yubikey-5-nfc"})
for step, body in [("register", {"user": sys.argv[2]}), ("sign-in", {})]:
    print(step, post(f"/api/authenticators/{key['id']}/{step}", body)["verdict"])
