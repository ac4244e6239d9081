# What script/test, script/demo and script/server share: a machine that can build Keyturn, and Keyturn built.
# Expects $root, the repository's folder.

# shellcheck source=script/lab.d/base.sh
source "$root/script/lab.d/base.sh"
# shellcheck source=script/lab.d/packages.sh
source "$root/script/lab.d/packages.sh"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# No build process outlives the script: a caller that reads its output would wait for it.
export MSBUILDDISABLENODEREUSE=1

configuration=Release
# shellcheck disable=SC2034 # read by the scripts that source this file
keyturn=$root/src/Keyturn.Cli/bin/$configuration/net10.0/keyturn

# The operating system's ICU (SASLprep needs NFKC) and SQLite, which Keyturn does not bring along.
install_runtime() {
    has dotnet || die "the .NET SDK $(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$root/global.json") or later is needed"
    install_missing <<'NEEDS'
/usr/lib/*/libicuuc.so.* libicu72
/usr/lib/*/libsqlite3.so.0 libsqlite3-0
openssl openssl
NEEDS
}

# quietly COMMAND…: its output is shown only when it fails.
quietly() {
    local output code=0
    output=$("$@" 2>&1) || code=$?
    ((code == 0)) || printf '%s\n' "$output" >&2
    return "$code"
}

build_keyturn() {
    quietly dotnet restore --locked-mode "$root/src/Keyturn.Cli"
    quietly dotnet build --no-restore --configuration "$configuration" -verbosity:quiet -consoleLoggerParameters:NoSummary \
        "$root/src/Keyturn.Cli"
}
