//! What the program is built from: every direct dependency has a reason, every package is locked to a
//! checksum of the registry, and the build runs no script of the project's own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rstest::rstest;
use toml::{Table, Value};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The lines of a section that name a dependency, with the name.
fn dependencies<'a>(manifest: &'a str, section: &str) -> Vec<(&'a str, &'a str)> {
    let header = format!("[{section}]");
    let inside = manifest.lines().skip_while(|line| **line != header).skip(1);
    let lines = inside.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| Some((line.split_once(" = ")?.0, line))).collect()
}

/// The words after the value; none of the values holds a `#`.
fn reason(line: &str) -> Option<&str> {
    line.split_once(" # ").map(|(_, words)| words.trim()).filter(|words| words.len() >= 5)
}

#[rstest]
#[case("Cargo.toml", "dependencies", 30)]
#[case("Cargo.toml", "dev-dependencies", 9)]
#[case("fuzz/Cargo.toml", "dependencies", 5)]
fn fc_42_every_direct_dependency_has_a_reason(
    #[case] manifest: &str,
    #[case] section: &str,
    #[case] at_least: usize,
) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
    if manifest.starts_with("fuzz") && !path.exists() {
        // The package is built and tested without the fuzz targets.
        return;
    }
    let text = read(manifest);
    let lines = dependencies(&text, section);
    assert!(lines.len() >= at_least, "{} lines of [{section}]", lines.len());
    for (name, line) in &lines {
        assert!(reason(line).is_some(), "{manifest}: {name} has no reason on its line");
    }
    // Nothing is declared in a form that the lines above would not show.
    let table: Table = text.parse().unwrap();
    let declared: BTreeSet<&str> =
        table[section].as_table().unwrap().keys().map(String::as_str).collect();
    assert_eq!(declared, lines.iter().map(|(name, _)| *name).collect());
    for elsewhere in ["build-dependencies", "target", "patch", "replace"] {
        assert!(!table.contains_key(elsewhere), "{manifest}: [{elsewhere}]");
    }
}

#[rstest]
#[case("dependencies")]
#[case("dev-dependencies")]
fn fc_42_dependencies_come_from_the_registry_alone(#[case] section: &str) {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    for (name, value) in manifest[section].as_table().unwrap() {
        let version = match value.as_table() {
            Some(table) => {
                for foreign in ["git", "path", "registry", "package"] {
                    assert!(!table.contains_key(foreign), "{name}: {foreign}");
                }
                table["version"].as_str()
            }
            None => value.as_str(),
        };
        let version = version.unwrap();
        assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{name} = {version:?}");
    }
}

fn locked() -> Vec<Table> {
    let lock: Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    packages.iter().map(|package| package.as_table().unwrap().clone()).collect()
}

fn word<'a>(package: &'a Table, field: &str) -> &'a str {
    package.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn fc_42_every_package_is_locked_to_a_checksum_of_the_registry() {
    let packages = locked();
    assert!(packages.len() > 100, "{} packages", packages.len());
    for package in packages.iter().filter(|package| word(package, "name") != "bitget-watch") {
        let name = word(package, "name");
        assert_eq!(word(package, "source"), REGISTRY, "{name}");
        let sum = word(package, "checksum");
        let is_sum = sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_sum, "{name} has no checksum");
    }
}

#[test]
fn fc_42_the_lock_file_is_in_step_with_the_manifest() {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    let declared: BTreeSet<String> = ["dependencies", "dev-dependencies"]
        .iter()
        .flat_map(|section| manifest[*section].as_table().unwrap().keys().cloned())
        .collect();
    let packages = locked();
    let own = packages.iter().find(|package| word(package, "name") == "bitget-watch").unwrap();
    assert_eq!(word(own, "version"), env!("CARGO_PKG_VERSION"));
    // Where two versions are locked, the entry names the one that is meant: `name version`.
    let entries =
        own["dependencies"].as_array().unwrap().iter().map(|entry| entry.as_str().unwrap());
    let locked: BTreeSet<String> =
        entries.map(|entry| entry.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(locked, declared);
}

#[test]
fn fc_42_one_stack_of_tls_and_no_second_library_of_ciphers() {
    let banned = [
        "openssl",
        "openssl-sys",
        "native-tls",
        "aws-lc-rs",
        "aws-lc-sys",
        "boring",
        "boring-sys",
        "mbedtls",
        "s2n-tls",
        "hyper-tls",
        "tokio-native-tls",
    ];
    let found: Vec<String> = locked()
        .iter()
        .map(|package| word(package, "name").to_owned())
        .filter(|name| banned.contains(&name.as_str()))
        .collect();
    assert_eq!(found, Vec::<String>::new());
    let stacks = locked().iter().filter(|package| word(package, "name") == "rustls").count();
    assert_eq!(stacks, 1, "two versions of rustls");
}

#[test]
fn fc_42_the_project_runs_no_script_while_it_is_built() {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    for name in ["build", "links"] {
        assert!(!package.contains_key(name), "package.{name}");
    }
    assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs").exists());
}

/// Crates that are locked in several versions, with these.
fn repeated() -> BTreeMap<String, Vec<String>> {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in locked() {
        let (name, version) = (word(&package, "name"), word(&package, "version"));
        versions.entry(name.to_owned()).or_default().push(version.to_owned());
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

#[test]
fn fc_42_a_crate_that_is_there_twice_is_explained() {
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join(".deny.toml").exists() {
        // The package is built and tested without the rules of the repository.
        return;
    }
    let rules: Table = read(".deny.toml").parse().unwrap();
    let bans = rules["bans"].as_table().unwrap();
    assert_eq!(bans["multiple-versions"].as_str(), Some("deny"));
    let repeated = repeated();
    for entry in bans["skip"].as_array().unwrap() {
        let entry = entry.as_table().unwrap();
        let (name, version) = word(entry, "crate").split_once('@').unwrap();
        assert!(word(entry, "reason").len() >= 10, "{name} has no reason");
        // What is no longer there twice needs no excuse.
        let start = format!("{version}.");
        let versions = repeated.get(name).unwrap_or_else(|| panic!("{name} is there once"));
        assert!(versions.iter().any(|held| held.starts_with(&start)), "{name} {versions:?}");
    }
}
