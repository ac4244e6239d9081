# Servers that this Debian release does not have, taken from a newer suite: downloaded with apt from the machine's own
# mirror, unpacked with all they depend on into a folder of their own, and run there by that folder's dynamic loader.
# Nothing is installed, and no root is needed. All labs share the folders; `down` leaves them.
#
# A suite moves: sid may lose a package, or go on to the next version, any day. Then the lab comes up without that
# server and says so.

# unpacked_from SERVER: the suite and the packages a server is unpacked from; nothing for one that is installed.
unpacked_from() {
    case $1 in
        mysql-9.7) echo sid mysql-server-core mysql-client-core ;;
        mariadb-11.8) echo sid mariadb-server mariadb-client ;;
        postgresql-17) echo trixie postgresql-17 ;;
        postgresql-18) echo sid postgresql-18 ;;
        redis-8) echo trixie redis-server redis-tools ;;
        valkey-8) echo trixie valkey-server valkey-tools ;;
        valkey-9 | valkey-9-replica) echo sid valkey-server valkey-tools ;;
    esac
}

is_unpacked() { [[ -n $(unpacked_from "$1") ]]; }

# The Debian release that a server is of.
suite_of() { if is_unpacked "$1"; then unpacked_from "$1" | cut -d' ' -f1; else codename; fi; }

codename() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

# What a server is called without its part in the lab: valkey-9 for valkey-9-replica.
release_of() { cut -d- -f1,2 <<<"$1"; }

# Root's home is closed to the servers' users, so root keeps its cache where system services keep theirs.
unpack_cache() {
    if [[ -n ${KEYTURN_LAB_CACHE:-} ]]; then
        realpath -m "$KEYTURN_LAB_CACHE"
    elif is_root; then
        echo /var/cache/keyturn-lab
    else
        echo "${XDG_CACHE_HOME:-$HOME/.cache}/keyturn-lab"
    fi
}

unpacked_root() { echo "$(unpack_cache)/$(suite_of "$1")/$(release_of "$1")"; }

# have_unpacked SERVER ENGINE PROGRAM: the server's folder is filled, and PROGRAM in it is of the version that the
# server's name promises; else the server is skipped.
have_unpacked() {
    local server=$1 engine=$2 program=$3 reason version
    reason=$(unpack "$server") || skip "$server" "$engine" "$reason"
    version=$(unpacked_version "$server" "$program")
    [[ -n $version ]] || skip "$server" "$engine" "what Debian $(suite_of "$server") has of it does not run here"
    [[ $version. == "$(cut -d- -f2 <<<"$server")".* ]] ||
        skip "$server" "$engine" "Debian $(suite_of "$server") has $version instead"
}

unpacked_version() {
    local words
    mapfile -t words < <(in_root "$(unpacked_root "$1")" "$2")
    "${words[@]}" --version 2>/dev/null | grep -oEm1 '[0-9]+(\.[0-9]+)+' | head -n1 || true
}

# unpack SERVER: fills its folder, unless that is there. Prints the reason when it fails.
unpack() {
    local server=$1 root cache suite packages lock
    root=$(unpacked_root "$server")
    [[ ! -e $root ]] || return 0
    cache=$(unpack_cache)
    read -r suite packages < <(unpacked_from "$server")
    public_folder "$cache/$suite" || { echo "cannot write to $cache"; return 1; }
    exec {lock}>"$cache/lock"
    flock -w 300 "$lock" || { echo "another lab is still unpacking"; return 1; }
    # shellcheck disable=SC2086 # a word for each package
    [[ -e $root ]] || unpack_into "$root" "$suite" $packages
    local code=$?
    exec {lock}>&-
    return "$code"
}

unpack_into() {
    local root=$1 suite=$2 apt mirror package log code=0
    shift 2
    mirror=$(mirror) || { echo "apt's configuration names no mirror of this Debian release"; return 1; }
    apt=$(mktemp -d "$(unpack_cache)/apt.XXXXXX")
    log=$apt/log
    say "downloading ${*} of Debian $suite"
    if ! { prepare_apt "$apt" "$mirror" "$suite" && download "$apt" "$@"; } >"$log" 2>&1; then
        echo "Debian $suite: $(grep -m1 '^E:' "$log" || echo 'the download failed')"
        code=1
    else
        (
            umask 022
            for package in "$apt"/cache/archives/*.deb; do dpkg -x "$package" "$apt/root" || exit; done
            mv "$apt/root" "$root"
        ) >>"$log" 2>&1 || { echo "cannot unpack: $(tail -n1 "$log")"; code=1; }
    fi
    rm -rf "$apt"
    return "$code"
}

# Where this machine gets its own release from; its mirrors have the other suites next to it.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $(codename)" |
        awk 'NR == 1 { print } END { exit NR == 0 }'
}

prepare_apt() {
    local apt=$1 mirror=$2 suite=$3
    mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial
    # No package counts as installed, so that apt gets every dependency, the C library included.
    : >"$apt/status"
    echo "deb [target=Packages] $mirror $suite main" >"$apt/sources.list"
    suite_apt "$apt" update
}

download() {
    local apt=$1
    shift
    suite_apt "$apt" install --download-only --yes --no-install-recommends "$@"
}

# apt with lists and archives of its own. The machine's configuration (proxies, keys) stays in force.
# A mirror's copy of the suite may be past its Valid-Until, and still be the newest to be had.
suite_apt() {
    local apt=$1
    shift
    timeout 240 apt-get -q \
        -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State="$apt/state" -o Dir::State::Status="$apt/status" -o Dir::Cache="$apt/cache" \
        -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
        -o APT::Sandbox::User= -o APT::Update::Error-Mode=any "$@"
}

# in_root ROOT PROGRAM: the words that run an unpacked program, one a line.
in_root() {
    local root=$1 loader libraries
    loader=$(find "$root/usr" -name 'ld-linux*.so.*' -print -quit)
    libraries=$(dirname "$(find "$root/usr" -name libc.so.6 -print -quit)")
    printf '%s\n' "$loader" --library-path "$libraries" "$root/$2"
}

# wrap SERVER PROGRAM WORD…: DIR/bin/SERVER/PROGRAM, which runs these words and its own arguments.
wrap() {
    local file=$lab_dir/bin/$1/$2
    public_folder "${file%/*}"
    write_program "$file" "${@:3}"
}

write_program() {
    local file=$1
    shift
    {
        echo '#!/bin/sh'
        echo "exec$(printf " '%s'" "$@") \"\$@\""
    } >"$file"
    chmod 755 "$file"
}
