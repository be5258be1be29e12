#!/bin/sh
# Back up into FOLDER/<moment>, then remove the oldest so that KEEP remain: `backup.sh FOLDER KEEP [PROGRAM [KEYS]]`.
# KEYS is a folder that receives the keys, in place of those of the time before: with older ones what was erased since could be
# read again. It should be on another machine, and in no backup itself.
# Nothing is removed unless the new backup is complete: a backup with damaged slides must not push a good one out.
set -eu
folder=$1
keep=$2
telepath=${3:-/opt/telepath/venv/bin/telepath}
keys=${4:-}
backup=$folder/$(date -u +%Y%m%dT%H%M%SZ)

mkdir -p "$folder"
if [ -z "$keys" ]; then
    "$telepath" backup "$backup"
else
    mkdir -p -m 0700 "$keys"
    complete=0
    "$telepath" backup --with-keys "$backup" || complete=$?
    for name in keys.json vault.json; do
        if [ -f "$backup/$name" ]; then
            cp -p "$backup/$name" "$keys/.$name.new"
            mv -f "$keys/.$name.new" "$keys/$name"
            rm -f "$backup/$name"
        fi
    done
    [ "$complete" -eq 0 ] || exit "$complete"
fi

# Names sort by time. Only folders with a manifest are backups of ours.
find "$folder" -mindepth 2 -maxdepth 2 -name manifest.json | sort -r | tail -n "+$((keep + 1))" | while read -r manifest; do
    rm -rf -- "${manifest%/manifest.json}"
done
