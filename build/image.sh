#!/usr/bin/env bash
# Makes an OCI image of the one static executable: artifacts/twill-image.tar, as `ctr images import`, `podman load` and `skopeo` read it.
# Needs no daemon and no network. The same executable gives the same digest: names, times, owners and order are fixed.
set -euo pipefail
cd "$(dirname "$0")/.."
out=artifacts/twill-image.tar
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar -C "$1" -cf "$2" .; }
digest() { sha256sum "$1" | cut -d' ' -f1; }
blob() { # file -> its digest; the file becomes a blob
    local d; d=$(digest "$1"); mv "$1" "$work/image/blobs/sha256/$d"; echo "$d"
}
mkdir -p "$work/root" "$work/image/blobs/sha256"
version=$(artifacts/twill --version | cut -d' ' -f2)
install -m 0755 artifacts/twill "$work/root/twill"
pack "$work/root" "$work/layer.tar"
diff=$(digest "$work/layer.tar")
gzip -n -9 "$work/layer.tar"
layer_size=$(stat -c %s "$work/layer.tar.gz")
layer=$(blob "$work/layer.tar.gz")
printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/twill"],"Labels":{"org.opencontainers.image.title":"twill","org.opencontainers.image.version":"%s"}},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created_by":"build/image.sh"}]}' "$version" "$diff" >"$work/config"
config_size=$(stat -c %s "$work/config")
config=$(blob "$work/config")
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%s}]}' "$config" "$config_size" "$layer" "$layer_size" >"$work/manifest"
manifest_size=$(stat -c %s "$work/manifest")
manifest=$(blob "$work/manifest")
printf '{"imageLayoutVersion":"1.0.0"}' >"$work/image/oci-layout"
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"platform":{"architecture":"amd64","os":"linux"},"annotations":{"io.containerd.image.name":"docker.io/library/twill:%s","org.opencontainers.image.ref.name":"%s"}}]}' "$manifest" "$manifest_size" "$version" "$version" >"$work/image/index.json"
pack "$work/image" "$work/image.tar"
mv "$work/image.tar" "$out"
echo "$out: twill:$version, $(stat -c %s "$out" | numfmt --to=iec --suffix=B), sha256:$manifest"
