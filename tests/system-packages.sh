#!/bin/sh
# What the tests need beyond Python: a browser with a font, and a C compiler.
# Without root they stay as they are, and the tests that need them are skipped by name.
set -eu
missing=""
command -v chromium >/dev/null || [ -x /usr/bin/chromium ] || missing="chromium fonts-dejavu-core"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "not installed (needs root and apt): $missing" >&2
fi
