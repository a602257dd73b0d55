#!/bin/sh
# Become another machine, then run a command there: machine.sh NAME DISK HOME PROJECT COMMAND...
# Its disk lies where every machine has its own, the project on it is a copy, and the other disks are not there.
# All else of this computer can be read, as an image that all machines were made from, and not be written.
set -eu
name=$1 disk=$2 home=$3 project=$4
shift 4
hostname "$name"
for folder in dags include plugins; do
    mount --bind "$disk/project/$folder" "$project/$folder"
done
mount --bind "$disk" "$home"
mount -t tmpfs none "$(dirname "$disk")"
mount -t tmpfs none /dev/shm
mount -o remount,bind,ro /
cd "$home"
exec "$@"
