# Small words everything else is written in.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

is_root() { ((EUID == 0)); }

has() { command -v "$1" >/dev/null; }

# With a letter of each case, a digit and a sign, as a server's password policy may ask for,
# and with nothing that any layer below would have to quote.
random_password() { echo "Lab1-$(openssl rand -hex 16)"; }

# wait_until SECONDS COMMAND…: every wait in the lab ends.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.2
    done
}

# A folder that the servers' users can pass through, whatever this script's umask.
public_folder() { (umask 022 && mkdir -p "$@"); }

user_exists() { id -u "$1" >/dev/null 2>&1; }

# as_user USER COMMAND…: root hands its servers to ordinary users (most refuse to run as root);
# anybody else runs them as himself. The command replaces the process, so $! is the server's own pid.
as_user() {
    local user=$1
    shift
    if is_root; then
        exec setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --init-groups --no-new-privs \
            env HOME=/nonexistent "$@"
    fi
    exec "$@"
}

# own USER FILE…: gives files to the server's user, when that is not the caller anyway.
own() {
    local user=$1
    shift
    ! is_root || chown -R "$user:" "$@"
}

# write_for USER FILE: standard input becomes a file only that user may read.
write_for() {
    cat >"$2"
    chmod 600 "$2"
    own "$1" "$2"
}
