# Servers that this Debian release does not have, taken from `sid`: downloaded with apt from the machine's own mirror,
# unpacked with all they depend on into a folder of their own, and run there by that folder's dynamic loader.
# Nothing is installed, and no root is needed. All labs share the folders; `down` leaves them.
#
# Sid moves, and may lose a package any day: then the lab comes up without that server and says so.

suite=sid

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

unpacked_root() { echo "$(unpack_cache)/$suite/$1"; }

# unpack NAME PACKAGE…: fills NAME's folder, unless it is there. Prints the reason when it fails.
unpack() {
    local name=$1 root cache lock
    shift
    root=$(unpacked_root "$name")
    [[ ! -e $root ]] || return 0
    cache=$(unpack_cache)
    public_folder "$cache/$suite" || { echo "cannot write to $cache"; return 1; }
    exec {lock}>"$cache/lock"
    flock -w 300 "$lock" || { echo "another lab is still unpacking"; return 1; }
    [[ -e $root ]] || unpack_into "$root" "$@"
    local code=$?
    exec {lock}>&-
    return "$code"
}

unpack_into() {
    local root=$1 apt mirror package log code=0
    shift
    mirror=$(mirror) || { echo "apt's configuration names no mirror of this Debian release"; return 1; }
    apt=$(mktemp -d "$(unpack_cache)/apt.XXXXXX")
    log=$apt/log
    say "downloading ${*} of Debian $suite"
    if ! { prepare_apt "$apt" "$mirror" && download "$apt" "$@"; } >"$log" 2>&1; then
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
    local release
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $release" |
        awk 'NR == 1 { print } END { exit NR == 0 }'
}

prepare_apt() {
    local apt=$1 mirror=$2
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

# wrap NAME ROOT PROGRAM ARGUMENT…: DIR/bin/NAME, which runs an unpacked program.
wrap() {
    local file=$lab_dir/bin/$1 root=$2 program=$3 words
    shift 3
    mapfile -t words < <(in_root "$root" "$program")
    {
        echo '#!/bin/sh'
        echo "exec$(printf " '%s'" "${words[@]}" "$@") \"\$@\""
    } >"$file"
    chmod 755 "$file"
}
