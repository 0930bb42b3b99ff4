#!/usr/bin/env bash
# Exports what Passkey Lab reads of a tenant. Every request is a GET; nothing is changed and nothing is
# sent anywhere but to Microsoft Graph.
#
#   GRAPH_TOKEN=... ./export.sh [FOLDER]    with curl and a token of your own
#   ./export.sh [FOLDER]                    with az, which must be signed in (az login)
#
# Least permissions (delegated or application):
#   Policy.Read.All                     policies
#   GroupMember.Read.All                the targeted groups and their members
#   User.Read.All                       users with userType
#   UserAuthenticationMethod.Read.All   registered passkeys; leave it out with PASSKEYS=no
# az signs in as an application of its own. If Graph answers 403, sign in with one that has these
# permissions (az login --service-principal), or use curl.
#
# Needs jq. Other clouds: GRAPH=https://graph.microsoft.us/v1.0 ./export.sh
set -euo pipefail

out=${1:-export}
graph=${GRAPH:-https://graph.microsoft.com/v1.0}
mkdir "$out"

# The token goes through a pipe, so that it does not show among the processes.
get() {
  if [ -n "${GRAPH_TOKEN:-}" ]; then
    curl --fail-with-body --silent --show-error --retry 5 \
      --config <(printf 'header = "Authorization: Bearer %s"\n' "$GRAPH_TOKEN") "$1"
  else
    az rest --method get --url "$1" --output json
  fi
}

# pages URL NAME: each page of a collection in a file of its own, NAME.1.json and so on.
pages() {
  local url=$1 name=$2 page=1
  while [ -n "$url" ]; do
    get "$url" > "$out/$name.$page.json"
    url=$(jq -r '."@odata.nextLink" // empty' "$out/$name.$page.json")
    page=$((page + 1))
  done
}

get "$graph/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2" > "$out/fido2.json"
get "$graph/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass" > "$out/temporaryAccessPass.json"
pages "$graph/policies/authenticationStrengthPolicies" authenticationStrengths
pages "$graph/identity/conditionalAccess/policies" conditionalAccess
pages "$graph/users?\$select=id,displayName,userPrincipalName,userType,accountEnabled,creationType,externalUserState&\$top=999" users

# The groups that the policy targets, and the groups inside them.
todo=$(jq -r '[.includeTargets[]?, .excludeTargets[]?] | .[] | select(.targetType == "group" and .id != "all_users") | .id' "$out/fido2.json")
seen=' '
while [ -n "$todo" ]; do
  group=$(head -n 1 <<< "$todo")
  todo=$(tail -n +2 <<< "$todo")
  case $seen in *" $group "*) continue ;; esac
  seen="$seen$group "
  get "$graph/groups/$group?\$select=id,displayName,description" > "$out/group-$group.json"
  pages "$graph/groups/$group/members?\$select=id" "members-$group"
  inner=$(cat "$out/members-$group".*.json | jq -r '.value[] | select(."@odata.type" == "#microsoft.graph.group") | .id')
  todo=$(printf '%s\n%s\n' "$todo" "$inner" | sed '/^$/d')
done

if [ "${PASSKEYS:-yes}" = yes ]; then
  cat "$out"/users.*.json | jq -r '.value[].id' | while read -r user; do
    pages "$graph/users/$user/authentication/fido2Methods" "fido2Methods-$user" < /dev/null
  done
fi

echo "Next: passkey-lab tenant import $out --output contoso" >&2
