//! [`Tree`]: the files of the crate, which of them use which, and where they go in circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Path, Source};

/// No re-export of a re-export goes on for longer; what does is a name that leads to itself.
const MOST_STEPS: usize = 12;

/// The files that the program is built from, by module.
#[derive(Debug, Default)]
pub(crate) struct Tree(BTreeMap<Path, File>);

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its place below `src`.
    pub(crate) name: String,
    pub(crate) source: Source,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The module whose file it is.
    module: Path,
    /// The first name behind that module; `None` where the path names the module itself.
    item: Option<String>,
}

/// Files that use each other in a circle, and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    pub(crate) files: BTreeSet<String>,
    /// One line for each use inside the circle, with the names that are used.
    pub(crate) uses: Vec<String>,
}

impl Tree {
    /// Follows the module declarations from `lib.rs` on, so that files which only tests declare are left
    /// out. `text` returns the text of a file below `src`, `None` where there is none.
    pub(crate) fn read(text: impl Fn(&str) -> Option<String>) -> Self {
        let mut tree = Self::default();
        tree.add(&text, "lib.rs", "", &["crate"]);
        if text("main.rs").is_some() {
            tree.add(&text, "main.rs", "", &["main"]);
        }
        tree
    }

    fn add(
        &mut self,
        text: &impl Fn(&str) -> Option<String>,
        name: &str,
        dir: &str,
        path: &[&str],
    ) {
        let source = Source::read(&text(name).unwrap(), path);
        let children = source.children.clone();
        let module = path.iter().map(|segment| (*segment).to_owned()).collect();
        self.0.insert(module, File { name: name.to_owned(), source });
        for child in &children {
            let inner = format!("{dir}{child}/");
            let found = [format!("{dir}{child}.rs"), format!("{inner}mod.rs")]
                .into_iter()
                .find(|file| text(file).is_some());
            let file = found.unwrap_or_else(|| panic!("{name}: no file for `mod {child};`"));
            let path: Vec<&str> = path.iter().copied().chain([child.as_str()]).collect();
            self.add(text, &file, &inner, &path);
        }
    }

    /// Returns the files with the module at the top that each belongs to, `lib.rs` aside.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().filter_map(|(module, file)| Some((top(module)?, file)))
    }

    /// Returns the circles of files inside the modules at the top.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let uses = self.uses();
        let reach: BTreeMap<&Path, BTreeSet<&Path>> =
            self.0.keys().map(|module| (module, reach(module, &uses))).collect();
        let mut circles: Vec<Circle> = Vec::new();
        for (module, reached) in &reach {
            let files: BTreeSet<&Path> =
                reached.iter().copied().filter(|other| reach[*other].contains(*module)).collect();
            // Each circle is found once, from the first of its files.
            if files.first() == Some(module) {
                let inside = |module: &Path| files.contains(module);
                circles.push(Circle {
                    files: files.iter().map(|module| self.0[*module].name.clone()).collect(),
                    uses: uses
                        .iter()
                        .filter(|((from, to), _)| inside(from) && inside(to))
                        .map(|((from, to), names)| {
                            let names: Vec<&str> = names.iter().map(String::as_str).collect();
                            let (from, to) = (&self.0[from].name, &self.0[to].name);
                            format!("{from} uses {} of {to}", names.join(", "))
                        })
                        .collect(),
                });
            }
        }
        circles
    }

    /// Returns which file uses which other one of the same module at the top, and what of it.
    fn uses(&self) -> BTreeMap<(Path, Path), BTreeSet<String>> {
        let mut uses: BTreeMap<(Path, Path), BTreeSet<String>> = BTreeMap::new();
        for (from, file) in self.0.iter().filter(|(module, _)| top(module).is_some()) {
            let imported = file.source.imports.iter().filter_map(|import| {
                // A glob by itself uses nothing: the names that come by it do.
                import.name.as_ref()?;
                let place = self.place(from, &import.path, MOST_STEPS)?;
                // Who re-exports what lies below it only opens a door.
                let is_door = import.exported && place.module.starts_with(from);
                (!is_door).then_some(place)
            });
            let mentions = file.source.mentions.iter();
            let mentioned = mentions.filter_map(|path| self.place(from, path, MOST_STEPS));
            for place in imported.chain(mentioned) {
                let whole = &self.0[&place.module].source;
                // To name a module that has others below it is to be on the way to one of those.
                let is_way = place.item.is_none() && !whole.children.is_empty();
                if place.module != *from && top(&place.module) == top(from) && !is_way {
                    let name = place.item.or_else(|| place.module.last().cloned());
                    uses.entry((from.clone(), place.module)).or_default().extend(name);
                }
            }
        }
        uses
    }

    /// Returns where a path leads that is written in the file of `from`; `None` out of the crate.
    fn place(&self, from: &Path, path: &[String], steps: usize) -> Option<Place> {
        let absolute = self.absolute(from, path, steps)?;
        let mut module = vec![absolute.first()?.clone()];
        let mut rest = absolute.get(1..)?;
        while let [name, tail @ ..] = rest {
            let source = &self.0.get(&module)?.source;
            if source.children.contains(name) {
                module.push(name.clone());
                rest = tail;
                continue;
            }
            if !source.items.contains(name)
                && let Some(next) = self.through(&module, rest, steps)
            {
                return self.place(&module, &next, steps.checked_sub(1)?);
            }
            return Some(Place { module, item: Some(name.clone()) });
        }
        self.0.contains_key(&module).then_some(Place { module, item: None })
    }

    /// Returns a path with its first name resolved by what the file of `from` declares and imports.
    fn absolute(&self, from: &Path, path: &[String], steps: usize) -> Option<Path> {
        let first = path.first()?;
        if first == "crate" {
            return Some(path.to_vec());
        }
        let source = &self.0.get(from)?.source;
        if source.children.contains(first) || source.items.contains(first) {
            return Some(from.iter().chain(path).cloned().collect());
        }
        let next = self.through(from, path, steps)?;
        self.absolute(from, &next, steps.checked_sub(1)?)
    }

    /// Returns a path with its first name replaced by what the file of `module` imports under it.
    fn through(&self, module: &Path, path: &[String], steps: usize) -> Option<Path> {
        let (first, tail) = path.split_first()?;
        let imports = &self.0.get(module)?.source.imports;
        let named = imports.iter().find(|import| import.name.as_ref() == Some(first));
        if let Some(import) = named {
            return Some(import.path.iter().chain(tail).cloned().collect());
        }
        let steps = steps.checked_sub(1)?;
        imports.iter().filter(|import| import.name.is_none()).find_map(|glob| {
            let of = self.place(module, &glob.path, steps).filter(|of| of.item.is_none())?.module;
            let source = &self.0[&of].source;
            let is_there = source.children.contains(first)
                || source.items.contains(first)
                || self.through(&of, path, steps).is_some();
            is_there.then(|| of.iter().chain(path).cloned().collect())
        })
    }
}

/// Returns the module at the top that a module belongs to; `None` for the crate itself.
fn top(module: &Path) -> Option<&str> {
    match module.as_slice() {
        [only] => (only != "crate").then_some(only),
        [_, top, ..] => Some(top),
        [] => None,
    }
}

/// Returns the modules that `start` comes to by one use or more.
fn reach<'u>(
    start: &Path,
    uses: &'u BTreeMap<(Path, Path), BTreeSet<String>>,
) -> BTreeSet<&'u Path> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        for (_, to) in uses.keys().filter(|(from, _)| from == module) {
            if reached.insert(to) {
                open.push(to);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<Circle> {
        let text = |name: &str| {
            files.iter().find(|(own, _)| *own == name).map(|(_, text)| (*text).to_owned())
        };
        Tree::read(text).circles()
    }

    /// Returns the files of the only circle, and how they use each other.
    fn circle(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut found = circles(files);
        assert_eq!(found.len(), 1, "{found:#?}");
        let circle = found.remove(0);
        (circle.files.into_iter().collect(), circle.uses)
    }

    const LIB: (&str, &str) = ("lib.rs", "mod m;");
    const MOD: (&str, &str) =
        ("m/mod.rs", "mod a; mod b; pub use a::A; pub(super) use b::{B as Bee};");

    #[test]
    fn a_re_export_leads_to_the_file_that_defines() {
        let a = ("m/a.rs", "use super::Bee; pub struct A(Bee);");
        let b = ("m/b.rs", "pub struct B; fn f() { crate::m::A::new() }");
        let (files, uses) = circle(&[LIB, MOD, a, b]);
        assert_eq!(files, ["m/a.rs", "m/b.rs"]);
        assert_eq!(uses, ["m/a.rs uses B of m/b.rs", "m/b.rs uses A of m/a.rs"]);
        // One way only is no circle.
        assert_eq!(circles(&[LIB, MOD, a, ("m/b.rs", "pub struct B;")]), []);
    }

    #[test]
    fn three_files_make_one_circle() {
        let files = [
            LIB,
            ("m.rs", "mod a; mod b; mod c; mod d;"),
            ("m/a.rs", "use super::b; fn f() { b::g() }"),
            ("m/b.rs", "use super::super::m::c::C; pub fn g() {}"),
            ("m/c.rs", "pub struct C; use crate::{m::{a::f}}; use super::d::D;"),
            ("m/d.rs", "pub struct D;"),
        ];
        assert_eq!(circle(&files).0, ["m/a.rs", "m/b.rs", "m/c.rs"]);
    }

    #[test]
    fn a_parent_that_defines_is_a_file_like_others() {
        let child = ("m/a.rs", "use super::Shared; pub fn run(shared: Shared) {}");
        let parent = "mod a; pub struct Shared;";
        assert_eq!(circles(&[LIB, child, ("m/mod.rs", parent)]), [], "it only declares the child");
        let door = "mod a; pub use a::run; pub struct Shared;";
        assert_eq!(circles(&[LIB, child, ("m/mod.rs", door)]), [], "it only re-exports");
        for user in [
            "mod a; pub struct Shared; fn f() { a::run(Shared) }",
            "mod a; pub use a::run; pub struct Shared; fn f() { run(Shared) }",
            "mod a; use a::run; pub struct Shared;",
        ] {
            let (files, uses) = circle(&[LIB, child, ("m/mod.rs", user)]);
            assert_eq!(files, ["m/a.rs", "m/mod.rs"], "{user}");
            assert_eq!(uses[1], "m/a.rs uses Shared of m/mod.rs");
        }
    }

    #[test]
    fn the_way_through_a_module_is_no_use_of_it() {
        let files = [
            LIB,
            ("m/mod.rs", "mod a; mod v; fn f() { a::run() }"),
            ("m/a.rs", "use super::v; fn run() { v::one::read() }"),
            ("m/v/mod.rs", "pub mod one; pub const LIMIT: u8 = 1;"),
            ("m/v/one.rs", "pub fn read() {}"),
        ];
        assert_eq!(circles(&files), []);
        let mut back = files;
        back[4].1 = "use super::super::a::run; pub fn read() { run() }";
        assert_eq!(circle(&back).0, ["m/a.rs", "m/v/one.rs"]);
    }

    #[test]
    fn globs_count_where_a_name_comes_by_them() {
        let parent = ("m/mod.rs", "mod a; mod b; pub use b::*;");
        let b = ("m/b.rs", "use super::a; pub struct B; fn f() { a::run() }");
        let by_name = ("m/a.rs", "use super::B; pub fn run() {}");
        assert_eq!(circle(&[LIB, parent, by_name, b]).0, ["m/a.rs", "m/b.rs"]);
        let by_glob = ("m/a.rs", "use super::*; pub fn run(b: B) {}");
        assert_eq!(circle(&[LIB, parent, by_glob, b]).0, ["m/a.rs", "m/b.rs"]);
        let unused = ("m/a.rs", "use super::*; pub fn run() {}");
        assert_eq!(circles(&[LIB, parent, unused, b]), []);
    }

    #[test]
    fn tests_make_no_circle() {
        let parent = ("m/mod.rs", "mod a; mod b; #[cfg(test)] mod tests;");
        let a = ("m/a.rs", "use super::b::B; pub struct A;");
        let b = ("m/b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::m::a::A; }");
        let tests = ("m/tests.rs", "use super::nowhere;");
        let files = [LIB, parent, a, b, tests];
        assert_eq!(circles(&files), []);
        let tree = Tree::read(|name| {
            files.iter().find(|(own, _)| *own == name).map(|(_, text)| (*text).to_owned())
        });
        let names: Vec<_> = tree.files().map(|(top, file)| (top, file.name.as_str())).collect();
        assert_eq!(names, [("m", "m/mod.rs"), ("m", "m/a.rs"), ("m", "m/b.rs")]);
    }

    #[test]
    fn modules_at_the_top_have_the_other_rule() {
        let files = [
            ("lib.rs", "mod m; mod n;"),
            ("m.rs", "use crate::n::N; pub struct M;"),
            ("n.rs", "use crate::m::M; pub struct N;"),
        ];
        assert_eq!(circles(&files), []);
    }

    #[test]
    fn names_that_lead_to_themselves_end() {
        let files = [
            LIB,
            ("m/mod.rs", "mod a; use a::x; use libm; pub use self::y as y;"),
            ("m/a.rs", "use super::x; pub use super::*; fn f() { libm::erfc(x()); super::y() }"),
        ];
        assert_eq!(circles(&files), []);
    }
}
