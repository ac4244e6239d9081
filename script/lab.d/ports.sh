# Ports between 20000 and 32000: below Linux's ephemeral range, so that no outgoing connection takes one first.
# A port is reserved by creating a file, which only one lab can do, and stays reserved until `down`:
# a server that a test has stopped finds its port free again. All labs of the machine share the reservations.

port_reservations=/tmp/keyturn-lab-ports

take_port() {
    mkdir -p "$port_reservations"
    chmod 1777 "$port_reservations" 2>/dev/null || true
    local port
    for port in $(shuf -i 20000-32000 -n 300); do
        if reserve_port "$port"; then
            echo "$port"
            return
        fi
    done
    die "no free port"
}

reserve_port() {
    ! is_listening "$1" || return 1
    (
        set -o noclobber
        umask 022
        echo "$lab_dir" >"$port_reservations/$1"
    ) 2>/dev/null
}

is_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

release_ports() {
    { grep -lxF -r -- "$lab_dir" "$port_reservations" 2>/dev/null || true; } | xargs -r rm -f
}
