//! The one table of commands that are typed after a colon: how they are read, completed and explained.

use crate::config::{ThemeName, nearest};
use crate::domain::Symbol;

use super::replay_step::time_of_day;
use super::sort_key::SortKey;
use super::views::View;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Put this contract in focus.
    Symbol(Symbol),
    Sort(SortKey),
    /// Show rows with these words; the empty text shows all.
    Filter(String),
    View(View),
    Theme(ThemeName),
    /// Go to this second of the day of a replay.
    Seek(u32),
    Quit,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Argument {
    None,
    Text,
    Symbol,
    Sort,
    View,
    Theme,
    Time,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Command {
    name: &'static str,
    argument: Argument,
    /// How it is written, for the help.
    pub(crate) usage: &'static str,
    /// What it does, in words.
    pub(crate) help: &'static str,
}

const fn command(
    name: &'static str,
    argument: Argument,
    usage: &'static str,
    help: &'static str,
) -> Command {
    Command { name, argument, usage, help }
}

impl Command {
    /// Returns whether it is for a replay alone.
    pub(crate) fn is_of_replay(&self) -> bool {
        self.argument == Argument::Time
    }
}

/// Every command.
pub(crate) static COMMANDS: [Command; 7] = [
    command("symbol", Argument::Symbol, ":symbol NAME", "put another contract in focus"),
    command("sort", Argument::Sort, ":sort KEY", "sort the positions, such as by pnl"),
    command("filter", Argument::Text, ":filter WORDS", "filter positions and orders"),
    command("view", Argument::View, ":view NAME", "show a view, such as risk"),
    command("theme", Argument::Theme, ":theme NAME", "default, high-contrast or mono"),
    command("seek", Argument::Time, ":seek HH:MM", "replay: go to a time, such as 14:05:30"),
    command("q", Argument::None, ":q", "quit"),
];

/// Names of views, as they are typed.
const VIEWS: [(&str, View); 7] = [
    ("overview", View::Overview),
    ("positions", View::Positions),
    ("risk", View::Risk),
    ("orders", View::Orders),
    ("history", View::History),
    ("chart", View::Chart),
    ("health", View::Health),
];

/// Names of orders of the positions, as they are typed.
const ORDERS: [(&str, SortKey); 7] = [
    ("risk", SortKey::Risk),
    ("focus", SortKey::Focus),
    ("symbol", SortKey::Symbol),
    ("notional", SortKey::Notional),
    ("pnl", SortKey::Pnl),
    ("roe", SortKey::Roe),
    ("distance", SortKey::Distance),
];

impl Argument {
    /// Returns the words that it may be, where they are few.
    fn words(self, symbols: &[String]) -> Vec<String> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::None | Self::Text | Self::Time => Vec::new(),
            Self::Symbol => symbols.to_vec(),
            Self::Sort => owned(&ORDERS.map(|(name, _)| name)),
            Self::View => owned(&VIEWS.map(|(name, _)| name)),
            Self::Theme => owned(&ThemeName::ALL.map(ThemeName::as_str)),
        }
    }
}

/// Reads a line without its colon; `None` for an empty one.
///
/// # Errors
/// Says what is wrong with it, and what was meant or could be.
pub(crate) fn read(line: &str) -> Result<Option<Typed>, String> {
    let line = line.trim();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    if name.is_empty() {
        return Ok(None);
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let near = nearest(name, COMMANDS.iter().map(|command| command.name));
        let names = || COMMANDS.iter().map(|command| command.name).collect::<Vec<_>>().join(", ");
        return Err(near.map_or_else(
            || format!("no command {name:?}; there are {}", names()),
            |near| format!("no command {name:?}; did you mean :{near}?"),
        ));
    };
    let typed = match command.argument {
        Argument::None if rest.is_empty() => Typed::Quit,
        Argument::None => return Err(format!(":{name} takes nothing after it")),
        Argument::Text => Typed::Filter(rest.to_owned()),
        _ if rest.is_empty() => return Err(format!("how it is written: {}", command.usage)),
        Argument::Symbol => Typed::Symbol(rest.parse().map_err(|error| format!("{error}"))?),
        Argument::Sort => Typed::Sort(chosen(rest, &ORDERS)?),
        Argument::View => Typed::View(chosen(rest, &VIEWS)?),
        Argument::Theme => Typed::Theme(rest.parse()?),
        Argument::Time => Typed::Seek(
            time_of_day(rest).ok_or_else(|| format!("no time {rest:?}; such as 14:05:30"))?,
        ),
    };
    Ok(Some(typed))
}

fn chosen<T: Copy>(word: &str, choices: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, chosen)) = choices.iter().find(|(name, _)| *name == word) {
        return Ok(*chosen);
    }
    let names = || choices.iter().map(|(name, _)| *name);
    let hint = nearest(word, names()).map_or_else(
        || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean {near}?"),
    );
    Err(format!("no {word:?} here; {hint}"))
}

/// Returns the lines that begin as this one does, as far as its last word goes; `symbols` are the contracts
/// that are known.
pub(crate) fn completions(line: &str, symbols: &[String]) -> Vec<String> {
    let Some((name, rest)) = line.split_once(' ') else {
        let names = COMMANDS.iter().filter(|command| command.name.starts_with(line));
        // A blank where an argument follows.
        return names
            .map(|command| {
                let blank = if command.argument == Argument::None { "" } else { " " };
                format!("{}{blank}", command.name)
            })
            .collect();
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Vec::new();
    };
    let rest = rest.trim_start();
    // Symbols are upper case, and typed as it comes.
    let begins = |word: &String| {
        word.get(..rest.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(rest))
    };
    let words = command.argument.words(symbols);
    words.into_iter().filter(begins).map(|word| format!("{name} {word}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_read() {
        for (line, typed) in [
            ("symbol ETHUSDT_UMCBL", Typed::Symbol("ETHUSDT_UMCBL".parse().unwrap())),
            ("  sort   pnl ", Typed::Sort(SortKey::Pnl)),
            ("filter eth long", Typed::Filter("eth long".to_owned())),
            ("filter", Typed::Filter(String::new())),
            ("view risk", Typed::View(View::Risk)),
            ("theme mono", Typed::Theme(ThemeName::Mono)),
            ("seek 14:05", Typed::Seek(50_700)),
            ("q", Typed::Quit),
        ] {
            assert_eq!(read(line), Ok(Some(typed)), "{line}");
        }
        assert_eq!(read("  "), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_was_meant() {
        for (line, wanted) in [
            ("sotr pnl", "did you mean :sort?"),
            ("wibble", "there are symbol, sort, filter, view, theme, seek, q"),
            ("sort pln", "did you mean pnl?"),
            ("sort colour", "there are risk, focus, symbol"),
            ("theme high_contrast", "did you mean \"high-contrast\"?"),
            ("symbol", ":symbol NAME"),
            ("symbol ethusdt_umcbl", "ETHUSDT_UMCBL"),
            ("symbol BTCUSD_DMCBL", "only USDT-M"),
            ("q now", "nothing after it"),
            ("seek noon", "such as 14:05:30"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }

    #[test]
    fn lines_are_completed_by_their_last_word() {
        let symbols = ["BTCUSDT_UMCBL", "ETHUSDT_UMCBL"].map(str::to_owned);
        let of = |line: &str| completions(line, &symbols);
        assert_eq!(of("s"), ["symbol ", "sort ", "seek "]);
        assert_eq!(of("q"), ["q"]);
        assert_eq!(of("symbol e"), ["symbol ETHUSDT_UMCBL"]);
        assert_eq!(of("theme "), ["theme default", "theme high-contrast", "theme mono"]);
        assert_eq!(of("sort ro"), ["sort roe"]);
        assert_eq!(of("wibble x"), [""; 0]);
        assert_eq!(of("symbol é"), [""; 0]);
    }

    /// The help shows them all.
    #[test]
    fn every_usage_begins_with_its_name() {
        for command in &COMMANDS {
            assert!(command.usage.starts_with(&format!(":{}", command.name)), "{command:?}");
        }
    }
}
