# Installs what is missing, with apt.

policy=/usr/sbin/policy-rc.d

install_packages() { install_missing < <(lab_needs "$@"); }

lab_needs() {
    echo "openssl openssl"
    echo "jq jq"
    local server
    for server in "$@"; do "$(server_kind "$server")_needs" "$server"; done
}

# Reads lines of "file or command" and "package that brings it".
install_missing() {
    local missing lock
    mapfile -t missing < <(missing_packages | sort -u)
    ((${#missing[@]})) || return 0
    is_root || die "not installed: ${missing[*]}; install them, or run this once as root"
    say "installing ${missing[*]}"
    exec {lock}>/run/lock/keyturn-lab-install
    flock -w 300 "$lock" || die "another lab is still installing"
    (
        umask 022
        trap allow_service_starts EXIT
        deny_service_starts
        apt_install "${missing[@]}"
    ) || die "cannot install ${missing[*]}"
    exec {lock}>&-
}

missing_packages() {
    local thing package
    while read -r thing package; do
        compgen -G "$thing" >/dev/null || has "$thing" || echo "$package"
    done
}

apt_install() {
    local options=(-qq -y --no-install-recommends -o DPkg::Lock::Timeout=120)
    export DEBIAN_FRONTEND=noninteractive
    # Package lists may be missing or old: ask for new ones only when the ones here do not serve.
    timeout 300 apt-get "${options[@]}" install "$@" >/dev/null 2>&1 && return
    timeout 120 apt-get -qq update >&2
    timeout 300 apt-get "${options[@]}" install "$@" >/dev/null
}

# Debian starts a service as soon as it is installed. The lab starts its own, as nobody's service,
# so for the length of this installation the answer to "may I start?" is no.
deny_service_starts() {
    # Ours may still lie there, from an installation that was killed.
    if [[ -e $policy ]] && ! grep -q keyturn-lab "$policy"; then mv "$policy" "$policy.before-keyturn-lab"; fi
    printf '#!/bin/sh\n# keyturn-lab\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

allow_service_starts() {
    rm -f "$policy"
    [[ ! -e $policy.before-keyturn-lab ]] || mv "$policy.before-keyturn-lab" "$policy"
}
