# The vendors' own clients, over TLS with the lab's CA. Passwords reach them through the environment or standard input:
# arguments are for everybody to read.

# lab SERVER JQ-PATH
lab() { jq -er --arg server "$1" ".servers[\$server]$2" "$lab_json"; }

kind() { lab "$1" .engine; }

# The lab runs some clients through wrappers, whose names are their servers'.
client_name() {
    case $(kind "$1") in
        postgresql) echo psql ;;
        mysql) echo mysql ;;
        mariadb) echo mariadb ;;
        *) echo "$(kind "$1")-cli" ;;
    esac
}

# create_account SERVER USER PASSWORD: an application's account, as a database administrator makes it.
create_account() { "create_on_$(kind "$1")" "$@"; }

# let_in SERVER USER PASSWORD-FILE
let_in() {
    local answer
    answer=$(log_in "$@") && [[ $answer == "$2"* ]]
}

# refused SERVER USER PASSWORD-FILE: because of the password, in the server's own words; a server that is down refuses nothing.
refused() {
    local answer
    answer=$(log_in "$@" 2>&1)
    [[ $answer =~ 'password authentication failed'|'Access denied for user'|WRONGPASS ]]
}

# log_in SERVER USER PASSWORD-FILE: prints who the server says one is.
log_in() { "log_in_on_$(kind "$1")" "$1" "$2" "$(cat "$3")"; }

create_on_postgresql() {
    psql_as "$1" "$(lab "$1" .superuser.user)" "$(lab "$1" .superuser.password)" <<<"CREATE ROLE \"$2\" LOGIN PASSWORD '$3'"
}

log_in_on_postgresql() { psql_as "$1" "$2" "$3" <<<'SELECT session_user'; }

psql_as() {
    PGPASSWORD=$3 PGCONNECT_TIMEOUT=5 "$(lab "$1" .client)" -XAtq -v ON_ERROR_STOP=1 \
        "host=localhost port=$(lab "$1" .port) user=$2 dbname=postgres sslmode=verify-full sslrootcert=$ca"
}

create_on_mariadb() { create_in_mysql "$@"; }

create_on_mysql() { create_in_mysql "$@"; }

create_in_mysql() {
    "$(kind "$1")_as" "$1" "$(lab "$1" .superuser.user)" "$(lab "$1" .superuser.password)" \
        <<<"CREATE USER '$2'@'%' IDENTIFIED BY '$3'"
}

log_in_on_mariadb() { mariadb_as "$1" "$2" "$3" <<<'SELECT USER()'; }

log_in_on_mysql() { mysql_as "$1" "$2" "$3" <<<'SELECT USER()'; }

mariadb_as() {
    MYSQL_PWD=$3 "$(lab "$1" .client)" --no-defaults --host=localhost --protocol=tcp --port="$(lab "$1" .port)" --user="$2" \
        --connect-timeout=5 --ssl-ca="$ca" --ssl-verify-server-cert --batch --skip-column-names
}

mysql_as() {
    MYSQL_PWD=$3 "$(lab "$1" .client)" --host=localhost --protocol=tcp --port="$(lab "$1" .port)" --user="$2" \
        --connect-timeout=5 --ssl-ca="$ca" --ssl-mode=VERIFY_IDENTITY --batch --skip-column-names
}

create_on_redis() {
    redis_as "$1" "$(lab "$1" .superuser.user)" "$(lab "$1" .superuser.password)" \
        <<<"ACL SETUSER $2 on >$3 ~$2:* +@read +@write +@connection +acl|whoami" >/dev/null
}

create_on_valkey() { create_on_redis "$@"; }

log_in_on_redis() { redis_as "$1" "$2" "$3" <<<'ACL WHOAMI'; }

log_in_on_valkey() { log_in_on_redis "$@"; }

redis_as() {
    REDISCLI_AUTH=$3 timeout 5 "$(lab "$1" .client)" -h localhost -p "$(lab "$1" .port)" --tls --cacert "$ca" \
        --user "$2" --no-auth-warning
}
