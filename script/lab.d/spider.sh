# MariaDB as a middleware: two heads with the Spider engine, which keep a table's rows on two data nodes.
# Each head has accounts of its own; the login that it reaches a data node with is not one of them.

spider_needs() {
    mariadb_needs "$1"
    echo "/usr/lib/mysql/plugin/ha_spider.so mariadb-plugin-spider"
}

spider_plan() {
    mariadb_plan "$1"
    if [[ $1 == spider-data* ]]; then remember_login "$1" link spider; fi
}

spider_create() { mariadb_create "$1"; }

spider_run() { mariadb_run "$1"; }

spider_version() { mariadb_version "$1"; }

# What a server of Spider's has beside its accounts: run before it listens, one statement a line.
spider_tables() {
    case $1 in
        spider-data*)
            cat <<SQL
CREATE DATABASE app;
CREATE TABLE app.orders (id INT PRIMARY KEY, item VARCHAR(40));
CREATE USER spider@'%' IDENTIFIED BY '$(get "$1" .link.password)';
GRANT ALL ON app.* TO spider@'%';
SQL
            ;;
        spider-head*)
            echo "CREATE DATABASE app;"
            spider_link data1
            spider_link data2
            echo "CREATE TABLE app.orders (id INT PRIMARY KEY, item VARCHAR(40)) ENGINE=Spider COMMENT='wrapper \"mysql\", table \"orders\"'" \
                "PARTITION BY HASH (id) (PARTITION one COMMENT='srv \"data1\"', PARTITION two COMMENT='srv \"data2\"');"
            ;;
    esac
}

spider_link() {
    local port password
    port=$(get "spider-$1" .port)
    password=$(get "spider-$1" .link.password)
    echo "CREATE SERVER $1 FOREIGN DATA WRAPPER mysql OPTIONS" \
        "(HOST '127.0.0.1', PORT $port, DATABASE 'app', USER 'spider', PASSWORD '$password');"
}
