#!/usr/bin/env bash
# Prometheus and promtool from the Debian or Ubuntu package, beside this file in target/; installs nothing and needs no root.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p target && cd target
[ -x usr/bin/promtool ] && exit 0
apt-get download -o Acquire::http::Timeout=15 -o Acquire::Retries=0 prometheus
dpkg -x prometheus_*.deb .
rm prometheus_*.deb
