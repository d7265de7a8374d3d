#!/usr/bin/env bash
# Builds what a release consists of into target/dist: the archive with binary, man page, completions, documents
# and the files for services; the .deb; the list of dependencies; and the sums of all.
#
# usage: contrib/release.sh [TARGET]     x86_64-unknown-linux-musl, aarch64-unknown-linux-musl; the
#                                        host's own without one
# A musl target wants `rustup target add TARGET` and a C compiler for it (musl-gcc); its binary is static.
# The .deb wants `cargo install cargo-deb`, the list `cargo install cargo-cyclonedx`: what is absent is left out
# and named at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
target=${1:-$host}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
built=${CARGO_TARGET_DIR:-target}
dist=target/dist
name=bitget-watch-$version-$target
missing=()
BITGET_WATCH_VERSION="$version ($(git log -1 --format='%h %cd' --date=short))"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) # the same input gives the same files
export BITGET_WATCH_VERSION SOURCE_DATE_EPOCH
rm -rf "$dist" && mkdir -p "$dist/$name"

cargo build --locked --release --target "$target"
binary=$built/$target/release/bitget-watch

# A binary for another machine cannot print its own pages here.
pages=$binary
"$pages" --version >/dev/null 2>&1 || { cargo build --locked --release; pages=$built/release/bitget-watch; }
"$pages" man >"$dist/bitget-watch.1"
"$pages" completions bash >"$dist/bitget-watch.bash"
"$pages" completions zsh >"$dist/_bitget-watch"
"$pages" completions fish >"$dist/bitget-watch.fish"

cp "$binary" README.md CHANGELOG.md LICENSE config.example.toml \
    "$dist/bitget-watch.1" "$dist/bitget-watch.bash" "$dist/_bitget-watch" "$dist/bitget-watch.fish" "$dist/$name/"
cp -r docs "$dist/$name/"
mkdir "$dist/$name/contrib" && cp -r contrib/*/ "$dist/$name/contrib/"
# The rights are those of the files, whatever the mask of who builds.
chmod -R u=rwX,go=rX "$dist/$name"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    -C "$dist" -cf - "$name" | gzip -n9 >"$dist/$name.tar.gz"
rm -r "${dist:?}/$name"
made=("$name.tar.gz")

if cargo deb --version >/dev/null 2>&1; then
    deb=$(cargo deb --locked --no-build --no-strip --target "$target" --output "$dist/")
    made+=("${deb##*/}")
else
    missing+=('the .deb: cargo-deb is not installed')
fi
if cargo cyclonedx --version >/dev/null 2>&1; then
    # What is in the binary, and not what its tests are built with; nor where it was built.
    cargo cyclonedx --quiet --format json --spec-version 1.5 --no-build-deps \
        --target "$target" --override-filename "$name.cdx"
    sed "s|path+file://$PWD#|path+file:///#|" "$name.cdx.json" >"$dist/$name.cdx.json"
    rm "$name.cdx.json"
    made+=("$name.cdx.json")
else
    missing+=('the list of dependencies: cargo-cyclonedx is not installed')
fi

(cd "$dist" && sha256sum -- "${made[@]}" >SHA256SUMS && cat SHA256SUMS)
for what in "${missing[@]}"; do
    echo "left out: $what" >&2
done
