# Two CAs which do not know each other, and one server certificate of the first.

tls_dir() { echo "$(data_root)/tls"; }

certificate_days=30

make_certificates() {
    local tls
    tls=$(tls_dir)
    if [[ -e $tls/server.pem ]]; then
        openssl x509 -checkend 3600 -noout -in "$tls/server.pem" >/dev/null ||
            die "this lab's certificate has expired: script/lab down, then up"
        return
    fi
    public_folder "$tls"
    make_ca "$tls/ca" "Keyturn lab CA"
    make_ca "$tls/other-ca" "Another CA"
    make_server_certificate "$tls"
    # Nothing else is to be signed by either.
    rm "$tls/ca.key" "$tls/other-ca.key"
    chmod 644 "$tls"/*.pem
}

make_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$certificate_days" \
        -subj "/CN=$2" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# RSA, because every server and client in the lab can read it.
make_server_certificate() {
    local tls=$1
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
        -keyout "$tls/server.key" -out "$tls/server.csr" 2>/dev/null
    openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial \
        -days "$certificate_days" -out "$tls/server.pem" 2>/dev/null \
        -extfile <(printf '%s\n' "subjectAltName=DNS:localhost,IP:127.0.0.1" "extendedKeyUsage=serverAuth" \
            "basicConstraints=CA:FALSE")
    rm "$tls/server.csr" "$tls"/*.srl
}

# make_server_dir SERVER USER: the server's folder with a key of its own, as servers insist on owning theirs,
# and a place for temporary files of its own: MariaDB and MySQL start by deleting such files, a neighbour's too.
make_server_dir() {
    local dir
    dir=$(server_dir "$1")
    rm -rf "$dir"
    mkdir -p "$dir/tmp"
    cp "$(tls_dir)/server.key" "$(tls_dir)/server.pem" "$dir"
    chmod 600 "$dir/server.key"
    own "$2" "$dir"
}
