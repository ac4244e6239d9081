# The calls that clients of cloud providers make, as curl sends them. Credentials go through files: arguments are for everybody to read.

# call METHOD PATH [CURL-OPTION…]: an answer other than 2xx is a failure.
call() {
    local method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --cacert "$KEYTURN_CA" -X "$method" -H 'Content-Type: application/json' "$@" "$KEYTURN_SERVER$path" 2>>"$work/demo.log"
}

has_server() {
    [[ " ${servers[*]} " == *" $1 "* ]] && return
    note "SKIPPED: there is no $1"
    return 1
}

instance_id() { as_client instance list --output json | jq -er --arg name "$1" '.instances[] | select(.name == $name) | .id'; }

# The sample of DigitalOcean's documentation, against Keyturn.
reset_as_digitalocean() {
    step 'Reset one the way clients of DigitalOcean do'
    local server=mysql-9.7 id body='{"mysql_settings":{"auth_plugin":"caching_sha2_password"}}'
    has_server "$server" || return 0
    id=$(instance_id "$server")
    shown "curl -X POST -H 'Content-Type: application/json' -H \"Authorization: Bearer \$DIGITALOCEAN_TOKEN\" \\"
    note "    -d '$body' \\"
    note "    $KEYTURN_SERVER/v2/databases/$id/users/$account/reset_auth"
    printf 'Authorization: Bearer %s\n' "$(cat "$work/token")" >"$work/authorization"
    prove "$server: 200, with the new password" post_reset_auth "$id" "$body" "$work/$server.next"
    prove_next "$server"
}

post_reset_auth() {
    call POST "/v2/databases/$1/users/$account/reset_auth" -H "@$work/authorization" -d "$2" >"$work/answer" && jq -ej '.user.password' "$work/answer" >"$3"
}

# A principal of its own for the other providers' clients: an e-mail key for Upstash's, a password for Huawei's sign-in.
add_principal() {
    step "A principal with the credentials that other providers' clients show"
    shown 'keyturn principal add cloud --owner --email ops@example.com'
    shown 'keyturn principal credential add cloud --kind email-key --write-to FILE'
    prove 'it has an e-mail key and a password' add_credentials
}

add_credentials() {
    as_client principal add cloud --owner --email ops@example.com >>"$work/demo.log" &&
        as_client principal credential add cloud --kind email-key --write-to "$work/email-key" >>"$work/demo.log" &&
        as_client principal credential add cloud --kind password --write-to "$work/sign-in" >>"$work/demo.log"
}

reset_as_upstash() {
    step 'Reset one the way clients of Upstash do'
    local server=redis-7 id
    has_server "$server" || return 0
    id=$(instance_id "$server")
    shown "curl -X POST -u \"\$EMAIL:\$API_KEY\" $KEYTURN_SERVER/v2/redis/reset-password/$id"
    printf 'Authorization: Basic %s\n' "$(printf 'ops@example.com:%s' "$(cat "$work/email-key")" | base64 -w 0)" >"$work/basic"
    prove "$server: 200, with the new password" post_reset_password "$id" "$work/$server.next"
    prove_next "$server"
}

post_reset_password() { call POST "/v2/redis/reset-password/$1" -H "@$work/basic" >"$work/answer" && jq -ej .password "$work/answer" >"$2"; }

sign_in() {
    step 'Sign in the way clients of Huawei Cloud and Open Telekom Cloud do'
    shown "curl -X POST -d '{\"auth\":{…}}' $KEYTURN_SERVER/v3/auth/tokens"
    project=$(as_client project show --output json)
    prove 'a token comes in X-Subject-Token' post_tokens
}

post_tokens() {
    local name region
    name=$(jq -er .name <<<"$project") && region=$(jq -er .region <<<"$project") || return
    jq -n --arg domain "$name" --arg region "$region" --rawfile password "$work/sign-in" \
        '{auth: {identity: {methods: ["password"], password: {user: {name: "cloud", password: ($password | rtrimstr("\n")), domain: {name: $domain}}}}, scope: {project: {name: $region}}}}' \
        >"$work/sign-in.json"
    call POST /v3/auth/tokens -d "@$work/sign-in.json" -D "$work/headers" >"$work/answer" || return
    printf 'X-Auth-Token: %s\n' "$(sed -n 's/\r$//; s/^X-Subject-Token: //Ip' "$work/headers")" >"$work/session"
    tenant=$(jq -er .token.project.id "$work/answer")
}

# reset_as_huawei SERVER SERVICE SUFFIX PATH: the caller brings the password.
reset_as_huawei() {
    local server=$1 service=$2 suffix=$3 operation=$4 id path
    step "Reset one the way clients of $service do"
    has_server "$server" || return 0
    id=$(instance_id "$server")
    path=${operation/PROJECT/$tenant}
    path=${path/INSTANCE/${id//-/}$suffix}
    shown "curl -X POST -H \"X-Auth-Token: \$TOKEN\" -d '{\"password\":\"…\"}' $KEYTURN_SERVER$path"
    prove "$server: 200, {}" post_password "$path" "$work/$server.next"
    prove_next "$server"
}

post_password() {
    printf 'Aa1-%s' "$(openssl rand -hex 12)" >"$2"
    jq -n --rawfile password "$2" '{password: $password}' | call POST "$1" -H "@$work/session" -d @- >"$work/answer" && [[ $(cat "$work/answer") == '{}' ]]
}

# prove_next SERVER: the password that a provider's client got is in force, and is the next one's old one.
prove_next() {
    prove_change "$1" "$work/$1.new" "$work/$1.next"
    [[ ! -s $work/$1.next ]] || mv "$work/$1.next" "$work/$1.new"
}
