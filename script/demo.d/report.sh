# What the demo prints: numbered steps, the commands it runs, and a line for each proof.

step_number=0
held=0
broken=0

step() {
    ((++step_number))
    printf '\n%d. %s\n' "$step_number" "$*"
}

note() { printf '     %s\n' "$*"; }

shown() { printf '   $ %s\n' "$*"; }

# prove TEXT COMMAND…: a proof holds when the command succeeds.
prove() {
    local text=$1
    shift
    if "$@"; then
        ((++held))
        printf '   ✓ %s\n' "$text"
    else
        ((++broken))
        printf '   ✗ %s\n' "$text"
    fi
}

# exits CODE COMMAND…: succeeds when the command ends with that code.
exits() {
    local expected=$1 code=0
    shift
    "$@" >/dev/null 2>>"$work/demo.log" || code=$?
    ((code == expected))
}
