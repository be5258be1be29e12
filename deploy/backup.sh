#!/bin/sh
# Back up into FOLDER/<moment>, then remove the oldest so that KEEP remain: `backup.sh FOLDER KEEP [PROGRAM]`.
# Nothing is removed unless the new backup is complete: a backup with damaged slides must not push a good one out.
set -eu
folder=$1
keep=$2
telepath=${3:-/opt/telepath/venv/bin/telepath}

mkdir -p "$folder"
"$telepath" backup "$folder/$(date -u +%Y%m%dT%H%M%SZ)"

# Names sort by time. Only folders with a manifest are backups of ours.
find "$folder" -mindepth 2 -maxdepth 2 -name manifest.json | sort -r | tail -n "+$((keep + 1))" | while read -r manifest; do
    rm -rf -- "${manifest%/manifest.json}"
done
