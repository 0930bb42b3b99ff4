#Requires -Version 7.0
#Requires -Modules Microsoft.Graph.Authentication
<#
.SYNOPSIS
Exports what Passkey Lab reads of a tenant. Every request is a GET; nothing is changed.
.DESCRIPTION
Least permissions:
  Policy.Read.All                     policies
  GroupMember.Read.All                the targeted groups and their members
  User.Read.All                       users with userType
  UserAuthenticationMethod.Read.All   registered passkeys; leave it out with -SkipPasskeys
.EXAMPLE
./export.ps1 -Folder export
#>
param([string]$Folder = 'export', [switch]$SkipPasskeys)

$ErrorActionPreference = 'Stop'
$scopes = 'Policy.Read.All', 'GroupMember.Read.All', 'User.Read.All'
if (-not $SkipPasskeys) { $scopes += 'UserAuthenticationMethod.Read.All' }
Connect-MgGraph -Scopes $scopes -NoWelcome
New-Item -ItemType Directory -Path $Folder | Out-Null

# One answer, as Graph wrote it.
function Save-Answer([string]$Uri, [string]$Name) {
    $json = Invoke-MgGraphRequest -Method GET -Uri $Uri -OutputType Json
    Set-Content -Path (Join-Path $Folder "$Name.json") -Value $json -Encoding utf8NoBOM
    $json | ConvertFrom-Json -AsHashtable -Depth 32
}

# Each page of a collection in a file of its own, NAME.1.json and so on.
function Save-Pages([string]$Uri, [string]$Name) {
    $page = 1
    while ($Uri) {
        $answer = Save-Answer $Uri "$Name.$page"
        $answer.value
        $Uri = $answer.'@odata.nextLink'
        $page++
    }
}

$policy = Save-Answer '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2' 'fido2'
$null = Save-Answer '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass' 'temporaryAccessPass'
$null = Save-Pages '/v1.0/policies/authenticationStrengthPolicies' 'authenticationStrengths'
$null = Save-Pages '/v1.0/identity/conditionalAccess/policies' 'conditionalAccess'
$users = Save-Pages '/v1.0/users?$select=id,displayName,userPrincipalName,userType,accountEnabled,creationType,externalUserState&$top=999' 'users'

# The groups that the policy targets, and the groups inside them.
$open = [System.Collections.Generic.Queue[string]]::new()
@($policy.includeTargets) + @($policy.excludeTargets) |
    Where-Object { $_ -and $_.targetType -eq 'group' -and $_.id -ne 'all_users' } |
    ForEach-Object { $open.Enqueue($_.id) }
$seen = [System.Collections.Generic.HashSet[string]]::new()
while ($open.Count) {
    $group = $open.Dequeue()
    if (-not $seen.Add($group)) { continue }
    $null = Save-Answer "/v1.0/groups/${group}?`$select=id,displayName,description" "group-$group"
    Save-Pages "/v1.0/groups/$group/members?`$select=id" "members-$group" |
        Where-Object { $_.'@odata.type' -eq '#microsoft.graph.group' } |
        ForEach-Object { $open.Enqueue($_.id) }
}

if (-not $SkipPasskeys) {
    foreach ($user in $users) {
        $null = Save-Pages "/v1.0/users/$($user.id)/authentication/fido2Methods" "fido2Methods-$($user.id)"
    }
}

Write-Host "Next: passkey-lab tenant import $Folder --output contoso"
