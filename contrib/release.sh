#!/usr/bin/env bash
# Builds what a release consists of into target/dist: the archive with binary, man page and completions,
# the .deb where cargo-deb is installed, the list of dependencies where cargo-cyclonedx is, and the sums.
#
# usage: contrib/release.sh [TARGET]     x86_64-unknown-linux-musl, aarch64-unknown-linux-musl; the
#                                        host's own without one
# A musl target wants `rustup target add TARGET` and a C compiler for it (musl-gcc).
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
target=${1:-$host}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
dist=target/dist
name=bitget-watch-$version-$target
export BITGET_WATCH_VERSION="$version ($(git log -1 --format='%h %cd' --date=short))"
rm -rf "$dist" && mkdir -p "$dist/$name"

if [ "$target" = "$host" ]; then
    cargo build --locked --release
    binary=target/release/bitget-watch
else
    cargo build --locked --release --target "$target"
    binary=target/$target/release/bitget-watch
fi

# A binary for another machine cannot print its own pages here.
pages=$binary
"$pages" --version >/dev/null 2>&1 || { cargo build --locked --release; pages=target/release/bitget-watch; }
"$pages" man >"$dist/bitget-watch.1"
"$pages" completions bash >"$dist/bitget-watch.bash"
"$pages" completions zsh >"$dist/_bitget-watch"
"$pages" completions fish >"$dist/bitget-watch.fish"

cp "$binary" README.md CHANGELOG.md LICENSE config.example.toml \
    "$dist/bitget-watch.1" "$dist/bitget-watch.bash" "$dist/_bitget-watch" "$dist/bitget-watch.fish" "$dist/$name/"
cp -r docs "$dist/$name/"
# The same input gives the same archive.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" \
    -C "$dist" -cf - "$name" | gzip -n9 >"$dist/$name.tar.gz"
rm -r "${dist:?}/$name"

if [ "$target" = "$host" ] && cargo deb --version >/dev/null 2>&1; then
    cargo deb --no-build --output "$dist/"
else
    echo 'no .deb: cargo-deb is not installed, or the target is not the host'
fi
if cargo cyclonedx --version >/dev/null 2>&1; then
    cargo cyclonedx --format json --override-filename "$name.cdx" && mv "$name.cdx.json" "$dist/"
else
    echo 'no list of dependencies: cargo-cyclonedx is not installed'
fi
(cd "$dist" && sha256sum -- *.tar.gz *.deb *.cdx.json 2>/dev/null >SHA256SUMS || true)
cat "$dist/SHA256SUMS"
