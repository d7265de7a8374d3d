//! [`Source`]: what one file declares, imports and names, without what only tests compile.
//!
//! Read from tokens (`proc-macro2`), not from a syntax tree: the arguments of macros are code to this
//! reader too, and every kind of item is stripped of its tests by one rule.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path, segment by segment. Absolute ones begin with `crate`; all others begin with a name that the
/// file itself makes known.
pub(crate) type Path = Vec<String>;

/// One file of the crate.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The modules that it declares in files of their own: `mod name;`.
    pub(crate) children: BTreeSet<String>,
    /// What it defines itself, methods aside.
    pub(crate) items: BTreeSet<String>,
    /// What it imports and re-exports.
    pub(crate) imports: Vec<Import>,
    /// The paths in its code, and single names that look like a type or are called.
    pub(crate) mentions: Vec<Path>,
    /// Every identifier and every number.
    pub(crate) words: BTreeSet<String>,
    /// Its lines, less those of items that only tests compile.
    pub(crate) lines: usize,
}

/// One leaf of a `use` declaration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) path: Path,
    /// The name that it is known by here; `None` for a glob.
    pub(crate) name: Option<String>,
    /// Whether it is a re-export: `pub use`, `pub(super) use`.
    pub(crate) exported: bool,
}

impl Source {
    /// Reads the text of the file that holds `module`, such as `["crate", "risk", "level"]`.
    pub(crate) fn read(text: &str, module: &[&str]) -> Self {
        let stream: TokenStream = text.parse().unwrap();
        let (tokens, test_lines) = production(stream);
        let mut source = Self { lines: text.lines().count() - test_lines, ..Self::default() };
        let scope: Path = module.iter().map(|name| (*name).to_owned()).collect();
        source.take_words(&tokens);
        source.walk(&tokens, &scope, Level::Module);
        source
    }

    /// Returns every path that is written in the file.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.imports.iter().map(|import| &import.path).chain(&self.mentions)
    }

    fn take_words(&mut self, tokens: &[Token]) {
        for token in tokens {
            match token {
                Token::Word(word) | Token::Number(word) => {
                    self.words.insert(word.clone());
                }
                Token::Group(_, inside) => self.take_words(inside),
                Token::Punct(_) => {}
            }
        }
    }

    fn walk(&mut self, tokens: &[Token], scope: &Path, level: Level) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let (before, rest) = tokens.split_at(at);
            at += match token {
                Token::Group(_, inside) if !is_visibility(before, inside) => {
                    self.walk(inside, scope, Level::Body);
                    1
                }
                Token::Word(word) => self.word(word, before, &rest[1..], scope, level),
                Token::Group(..) | Token::Punct(_) | Token::Number(_) => 1,
            };
        }
    }

    /// Reads what begins with a word; returns how many tokens that took.
    fn word(
        &mut self,
        word: &str,
        before: &[Token],
        rest: &[Token],
        scope: &Path,
        level: Level,
    ) -> usize {
        match (word, rest) {
            // `impl Trait + use<'a>` is no import.
            ("use", rest) if !matches!(rest, [Token::Punct('<'), ..]) => {
                let end = rest.iter().position(|token| token.is(';')).unwrap_or(rest.len());
                let exported = before.iter().rev().take(2).any(|token| token.is_word("pub"));
                self.import(&rest[..end], &[], exported, scope);
                1 + end
            }
            ("mod", [Token::Word(name), Token::Punct(';'), ..]) => {
                self.children.insert(name.clone());
                2
            }
            ("mod", [Token::Word(name), Token::Group(_, inside), ..]) => {
                self.items.insert(name.clone());
                let inner: Path = scope.iter().chain([name]).cloned().collect();
                self.walk(inside, &inner, Level::Module);
                3
            }
            ("macro_rules", [Token::Punct('!'), Token::Word(name), ..]) => {
                self.items.insert(name.clone());
                3
            }
            (
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static",
                [Token::Word(name), ..],
            ) if name != "fn" => {
                if level == Level::Module {
                    self.items.insert(name.clone());
                }
                2
            }
            ("pub", _) => 1,
            _ if follows_path_or_dot(before) => 1,
            _ => self.mention(word, rest, scope),
        }
    }

    /// Notes the path that begins with `word`; returns how many tokens it has.
    fn mention(&mut self, word: &str, rest: &[Token], scope: &Path) -> usize {
        let mut path = vec![word.to_owned()];
        let mut tail = rest;
        while let [Token::Punct(':'), Token::Punct(':'), Token::Word(next), after @ ..] = tail {
            path.push(next.clone());
            tail = after;
        }
        let taken = 1 + rest.len() - tail.len();
        let is_type = word.starts_with(char::is_uppercase) && word != "Self";
        let is_called =
            matches!(tail, [Token::Group(Delimiter::Parenthesis, _) | Token::Punct('!'), ..]);
        if path.len() > 1 || is_type || is_called {
            self.mentions.push(absolute(path, scope));
        }
        taken
    }

    /// Notes the leaves of a `use` tree below `prefix`.
    fn import(&mut self, tree: &[Token], prefix: &[String], exported: bool, scope: &Path) {
        for part in tree.split(|token| token.is(',')) {
            let mut path = prefix.to_vec();
            let mut tokens = part.iter();
            let mut name = None;
            let mut is_leaf = !part.is_empty();
            while let Some(token) = tokens.next() {
                match token {
                    Token::Word(word) if word == "as" => {
                        name = tokens.next().and_then(Token::word);
                    }
                    Token::Word(word) => {
                        path.push(word.clone());
                        name = Some(word.clone());
                    }
                    Token::Punct('*') => name = None,
                    Token::Group(_, inside) => {
                        self.import(inside, &path, exported, scope);
                        is_leaf = false;
                    }
                    Token::Punct(_) | Token::Number(_) => {}
                }
            }
            // `a::{self, b}` imports `a` itself.
            if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                path.pop();
                name = name.filter(|name| name != "self").or_else(|| path.last().cloned());
            }
            if is_leaf {
                self.imports.push(Import { path: absolute(path, scope), name, exported });
            }
        }
    }
}

/// Whether tokens stand directly in a module, or in something that a module holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Module,
    Body,
}

/// A token as the walk needs it: no comments, no texts, no lifetimes, no positions.
#[derive(Debug)]
enum Token {
    Word(String),
    Number(String),
    Punct(char),
    Group(Delimiter, Vec<Self>),
}

impl Token {
    fn is(&self, punct: char) -> bool {
        matches!(self, Self::Punct(own) if *own == punct)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    fn word(&self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.clone()),
            Self::Number(_) | Self::Punct(_) | Self::Group(..) => None,
        }
    }
}

/// Returns the tokens without what only tests compile, and how many lines that takes.
fn production(stream: TokenStream) -> (Vec<Token>, usize) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let (mut tokens, mut test_lines, mut at) = (Vec::new(), 0, 0);
    while let Some(tree) = trees.get(at) {
        let attributes = attributes(&trees[at..]);
        let item = at + 2 * attributes.len();
        if attributes.iter().any(is_test_only) {
            let end = behind_item(&trees, item);
            let (first, last) = (tree.span().start().line, trees[end - 1].span().end().line);
            test_lines += last - first + 1;
            at = end;
            continue;
        }
        match tree {
            TokenTree::Group(group) => {
                let (inside, lines) = production(group.stream());
                tokens.push(Token::Group(group.delimiter(), inside));
                test_lines += lines;
            }
            TokenTree::Ident(word) => tokens.push(Token::Word(word.to_string())),
            // The name of a lifetime is no word.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => at += 1,
            TokenTree::Punct(punct) => tokens.push(Token::Punct(punct.as_char())),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.starts_with(|first: char| first.is_ascii_digit()) {
                    tokens.push(Token::Number(text));
                }
            }
        }
        at += 1;
    }
    (tokens, test_lines)
}

/// Returns what the outer attributes at the start of `trees` hold in their brackets.
fn attributes(trees: &[TokenTree]) -> Vec<TokenStream> {
    let of = |pair: &[TokenTree]| match pair {
        [TokenTree::Punct(hash), TokenTree::Group(group)]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group.stream())
        }
        _ => None,
    };
    trees.chunks_exact(2).map_while(of).collect()
}

/// Whether an attribute is `test`, or a `cfg` that holds in tests alone.
fn is_test_only(attribute: &TokenStream) -> bool {
    let trees: Vec<TokenTree> = attribute.clone().into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(of)] => word == "cfg" && needs_test(of.stream()),
        _ => false,
    }
}

/// Whether a condition cannot hold without `test`: `test` itself, or an `all` with such a part.
fn needs_test(condition: TokenStream) -> bool {
    let trees: Vec<TokenTree> = condition.into_iter().collect();
    let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(p) if p.as_char() == ',');
    trees.split(is_comma).any(|part| match part {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(of)] => word == "all" && needs_test(of.stream()),
        _ => false,
    })
}

/// Returns the place behind the item, field, arm or statement that begins at `start`.
fn behind_item(trees: &[TokenTree], start: usize) -> usize {
    let word = |at: usize| match trees.get(at) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    let is_pub = word(start) == "pub";
    let has_scope = is_pub && matches!(trees.get(start + 1), Some(TokenTree::Group(_)));
    let first = start + usize::from(is_pub) + usize::from(has_scope);
    let is_item = matches!(
        word(first).as_str(),
        "async"
            | "const"
            | "enum"
            | "extern"
            | "fn"
            | "impl"
            | "macro_rules"
            | "mod"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "union"
            | "unsafe"
            | "use"
    );
    // Braces inside of these are not their end.
    let has_semicolon = match word(first).as_str() {
        "use" | "type" | "static" | "let" => true,
        "const" => !matches!(word(first + 1).as_str(), "fn" | "unsafe" | "async" | "extern"),
        _ => false,
    };
    for (at, tree) in trees.iter().enumerate().skip(first) {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return at + 1,
            // In an item a comma stands between type parameters.
            TokenTree::Punct(punct) if punct.as_char() == ',' && !is_item => return at + 1,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !has_semicolon => {
                return at + 1;
            }
            TokenTree::Group(_)
            | TokenTree::Ident(_)
            | TokenTree::Punct(_)
            | TokenTree::Literal(_) => {}
        }
    }
    trees.len()
}

/// Whether `inside` are the words of a visibility: `pub(crate)`, `pub(in super::super)`.
fn is_visibility(before: &[Token], inside: &[Token]) -> bool {
    let alone = |word: &str| matches!(inside, [own] if own.is_word(word));
    before.last().is_some_and(|token| token.is_word("pub"))
        && (["crate", "self", "super"].into_iter().any(alone)
            || inside.first().is_some_and(|first| first.is_word("in")))
}

/// Whether what comes is the rest of a path, a field or a method.
fn follows_path_or_dot(before: &[Token]) -> bool {
    match before {
        [.., Token::Punct('.'), Token::Punct('.')] => false,
        [.., Token::Punct(':'), Token::Punct(':')] | [.., Token::Punct('.')] => true,
        _ => false,
    }
}

/// Resolves `self`, `super` and the crate's own name at the start of a path.
fn absolute(path: Path, scope: &[String]) -> Path {
    let ups = path.iter().take_while(|segment| *segment == "super").count();
    match path.first().map(String::as_str) {
        Some("self" | "super") => {
            let rest = path.iter().skip(ups.max(1));
            let base = scope.len().saturating_sub(ups);
            scope.iter().take(base).chain(rest).cloned().collect()
        }
        // As the program's own file names the library.
        Some("bitget_watch") => {
            ["crate".to_owned()].into_iter().chain(path.into_iter().skip(1)).collect()
        }
        Some(_) | None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Source {
        Source::read(text, &["crate", "risk", "level"])
    }

    fn imports(text: &str) -> Vec<String> {
        let line = |import: &Import| {
            let export = if import.exported { "pub " } else { "" };
            let name = import.name.as_deref().unwrap_or("*");
            format!("{export}{} as {name}", import.path.join("::"))
        };
        read(text).imports.iter().map(line).collect()
    }

    fn mentions(text: &str) -> Vec<String> {
        read(text).mentions.iter().map(|path| path.join("::")).collect()
    }

    #[rstest::rstest]
    #[case("use crate::domain::Side;", &["crate::domain::Side as Side"])]
    #[case("use super::exact;", &["crate::risk::exact as exact"])]
    #[case("use super::super::store::*;", &["crate::store::* as *"])]
    #[case("use self::inner::{A, B as C};", &[
        "crate::risk::level::inner::A as A",
        "crate::risk::level::inner::B as C",
    ])]
    #[case("use crate::{domain::{self, Side, time::{Zone}}, store as kept};", &[
        "crate::domain as domain",
        "crate::domain::Side as Side",
        "crate::domain::time::Zone as Zone",
        "crate::store as kept",
    ])]
    #[case("pub use a::B; pub(super) use c::D; pub(in crate::risk) use super::e::F; use g::H;", &[
        "pub a::B as B",
        "pub c::D as D",
        "pub crate::risk::e::F as F",
        "g::H as H",
    ])]
    #[case("mod inline { use super::X; use super::super::Y; }", &[
        "crate::risk::level::X as X",
        "crate::risk::Y as Y",
    ])]
    #[case("fn f() { use Form::{Frozen}; }", &["Form::Frozen as Frozen"])]
    #[case("fn f() -> impl Fn() + use<'static> { g }", &[])]
    #[case("use bitget_watch::{app, cli};", &["crate::app as app", "crate::cli as cli"])]
    fn groups_and_relative_paths_are_read(#[case] text: &str, #[case] expected: &[&str]) {
        let globs = |line: &String| line.replace("::* as *", " as *");
        let expected: Vec<_> = expected.iter().map(|line| globs(&(*line).to_owned())).collect();
        assert_eq!(imports(text), expected);
    }

    #[rstest::rstest]
    #[case("fn f() { crate::store::apply(1) }", &["crate::store::apply"])]
    #[case("fn f() -> super::super::ui::Size { x }", &["crate::ui::Size"])]
    #[case("fn f() { matches!(x, crate::a::B { .. }) }", &["matches", "crate::a::B"])]
    #[case("type T = Vec<crate::a::B>;", &["Vec", "crate::a::B"])]
    #[case("fn f() { x.crate_like(y::z); a..b::c }", &["y::z", "b::c"])]
    #[case("fn f() { <Kind as a::Named>::name() }", &["Kind", "a::Named"])]
    // A name alone counts where it looks like a type or is called, and not where it is defined.
    #[case("impl Row { fn row(self) -> Self { build(size, Row { at }) } }", &["Row", "build", "Row"])]
    // Words of comments, of texts, of lifetimes and of visibilities are none.
    #[case("/// See crate::a::B. fn f()\nstruct S { pub(in super::super) x: u8 }", &[])]
    #[case("fn f() { r#\"crate::a::B \" \"# ; 'c'; \"crate::c\" } // crate::d", &[])]
    #[case("struct S<'a>(&'a str, &'static str);", &[])]
    fn paths_in_code_are_read(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(mentions(text), expected);
    }

    #[rstest::rstest]
    #[case("#[cfg(test)]\nmod tests { use crate::a; }\nuse crate::b;\n", &["b"], 1)]
    #[case("use crate::b;\n\n#[cfg(test)]\nmod tests;\n", &["b"], 2)]
    #[case("/// Of tests.\n#[cfg(test)]\n#[allow(x)]\npub(super) use crate::{a};\nuse crate::b;", &["b"], 1)]
    #[case("#[cfg(all(test, unix))]\nfn f<A, B>() {\n}\nuse crate::b;", &["b"], 1)]
    #[case("#[cfg(test)]\nconst A: [u8; 2] = {\n  crate::a::B };\nuse crate::b;", &["b"], 1)]
    #[case("#[cfg(test)]\nconst fn a() {\n}\nuse crate::b;", &["b"], 1)]
    #[case("#[test]\nfn a() { crate::a::b() }\nuse crate::b;", &["b"], 1)]
    #[case("use crate::b;\nstruct S {\n#[cfg(test)]\na: crate::a::A,\nb: u8,\n}", &["b"], 4)]
    #[case("use crate::b;\nfn f() {\nmatch x {\n#[cfg(test)]\nA => {}\n_ => 1,\n}\n}", &["b"], 6)]
    // These are compiled in the program as well.
    #[case("#[cfg(not(test))]\nuse crate::a;\nuse crate::b;", &["a", "b"], 3)]
    #[case("#[cfg(any(test, unix))]\nuse crate::a;\nuse crate::b;", &["a", "b"], 3)]
    #[case("#[cfg(unix)]\nuse crate::a;\n#[cfg_attr(test, x)]\nuse crate::b;", &["a", "b"], 4)]
    fn what_only_tests_compile_is_left_out(
        #[case] text: &str,
        #[case] expected: &[&str],
        #[case] lines: usize,
    ) {
        let source = read(text);
        assert!(source.mentions.iter().all(|path| path[0] != "crate"), "{:?}", source.mentions);
        let names: Vec<_> =
            source.imports.iter().filter_map(|import| import.name.as_deref()).collect();
        assert_eq!((names.as_slice(), source.lines), (expected, lines));
    }

    #[test]
    fn items_are_what_a_module_defines() {
        let text = "mod child; mod inline { struct Inner; }
            pub const fn f<const N: usize>() { struct Local; } pub const C: u8 = 1; static S: u8 = 1;
            impl T { fn method() {} } trait T { type A; } macro_rules! m { () => {} }";
        let source = read(text);
        let items: Vec<_> = source.items.iter().map(String::as_str).collect();
        // A parameter of a function stands with the items: nothing can be imported by its name.
        assert_eq!(items, ["C", "Inner", "N", "S", "T", "f", "inline", "m"]);
        assert_eq!(source.children, BTreeSet::from(["child".to_owned()]));
    }

    #[test]
    fn words_are_identifiers_and_numbers() {
        let words = read("#[serde(x)] fn f(y: T) { 1.5f64; \"text\"; 'c'; &'life z }").words;
        assert!(["serde", "f", "y", "T", "1.5f64", "z"].iter().all(|word| words.contains(*word)));
        assert!(["text", "c", "life"].iter().all(|word| !words.contains(*word)));
    }
}
