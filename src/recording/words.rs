//! Values of the domain as words of a recording, and back.

use crate::domain::{
    AccountKind, Interval, LinkFault, LinkState, Obstacle, OrderClass, ProblemCode, Product,
    RequestKind, Stream, Symbol, Text, Timestamp,
};
use crate::exchange::Request;

/// Every code that is recorded.
const CODES: [ProblemCode; 22] = [
    ProblemCode::KeyRefused,
    ProblemCode::WrongApi,
    ProblemCode::AccountSwitching,
    ProblemCode::LinkDown,
    ProblemCode::DataStale,
    ProblemCode::NetworkBlocked,
    ProblemCode::ContractUnlisted,
    ProblemCode::RowsUnreadable,
    ProblemCode::ContractDelisted,
    ProblemCode::ContractHalted,
    ProblemCode::RulesNotModelled,
    ProblemCode::PnlMismatch,
    ProblemCode::PermissionMissing,
    ProblemCode::RateLimited,
    ProblemCode::ClockSkew,
    ProblemCode::HistoryIncomplete,
    ProblemCode::MemoryUnavailable,
    ProblemCode::RecordingIncomplete,
    ProblemCode::AlertNotSent,
    ProblemCode::KeyCanWithdraw,
    ProblemCode::KeyCanTransfer,
    ProblemCode::KeyCanTrade,
];
const LINK_STATES: [LinkState; 6] = [
    LinkState::Connecting,
    LinkState::Live,
    LinkState::Stale,
    LinkState::Backoff,
    LinkState::Down,
    LinkState::Stopped,
];

const FAULTS: [(LinkFault, &str); 19] = [
    (LinkFault::Obstacle(Obstacle::Region), "region"),
    (LinkFault::Obstacle(Obstacle::Blocked), "blocked"),
    (LinkFault::Obstacle(Obstacle::Limited), "limited"),
    (LinkFault::Obstacle(Obstacle::Page), "page"),
    (LinkFault::Obstacle(Obstacle::Certificate), "certificate"),
    (LinkFault::Obstacle(Obstacle::Names), "names"),
    (LinkFault::Obstacle(Obstacle::Proxy), "proxy"),
    (LinkFault::Unreachable, "unreachable"),
    (LinkFault::Handshake, "handshake"),
    (LinkFault::Upgrade, "upgrade"),
    (LinkFault::Slow, "slow"),
    (LinkFault::Silent, "silent"),
    (LinkFault::Cut, "cut"),
    (LinkFault::Unavailable, "unavailable"),
    (LinkFault::Address, "address"),
    (LinkFault::Stranger, "stranger"),
    (LinkFault::Crowded, "crowded"),
    (LinkFault::Key, "key"),
    (LinkFault::OwnBug, "own_bug"),
];

fn find<T: Copy + ToString>(all: &[T], word: &str) -> Option<T> {
    all.iter().copied().find(|one| one.to_string() == word)
}

pub(super) fn account_kind(word: &str) -> Option<AccountKind> {
    find(&[AccountKind::Classic, AccountKind::Unified], word)
}

pub(super) fn stream(word: &str) -> Option<Stream> {
    find(&Stream::ALL, word)
}

pub(super) fn link_state(word: &str) -> Option<LinkState> {
    find(&LINK_STATES, word)
}

/// Returns the word of a fault; `None` for one that has none yet.
pub(super) fn of_fault(fault: LinkFault) -> Option<String> {
    FAULTS.iter().find(|(one, _)| *one == fault).map(|(_, word)| (*word).to_owned())
}

pub(super) fn fault(word: &str) -> Option<LinkFault> {
    FAULTS.iter().find(|(_, own)| *own == word).map(|(fault, _)| *fault)
}

pub(super) fn problem_code(word: &str) -> Option<ProblemCode> {
    find(&CODES, word)
}

pub(super) fn of_symbol(symbol: &Symbol) -> String {
    format!("{}:{}", symbol.product(), symbol.wire())
}

pub(super) fn symbol(word: &str) -> Option<Symbol> {
    let (family, name) = word.split_once(':')?;
    Symbol::from_wire(name, product(family)?)
}

fn product(word: &str) -> Option<Product> {
    find(&Product::ALL, word)
}

fn interval(word: &str) -> Option<Interval> {
    find(&Interval::ALL, word)
}

fn of_class(class: OrderClass) -> String {
    match class {
        OrderClass::Plain => "plain",
        OrderClass::ProfitLoss => "profit_loss",
        OrderClass::Trigger => "trigger",
        OrderClass::Trailing => "trailing",
    }
    .to_owned()
}

fn class(word: &str) -> Option<OrderClass> {
    OrderClass::ALL.into_iter().find(|class| of_class(*class) == word)
}

fn of_time(time: Timestamp) -> String {
    time.as_millis().to_string()
}

fn time(word: &str) -> Option<Timestamp> {
    word.parse().ok().map(Timestamp::from_millis)
}

fn words<const N: usize>(name: &str, rest: [String; N]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(rest).collect()
}

/// Returns a request as words.
pub(super) fn of_request(request: &Request) -> Vec<String> {
    match request {
        Request::ServerTime => words("server_time", []),
        Request::Contract(symbol) => words("contract", [of_symbol(symbol)]),
        Request::Ticker(symbol) => words("ticker", [of_symbol(symbol)]),
        Request::Candles { symbol, interval, limit } => {
            words("candles", [of_symbol(symbol), interval.to_string(), limit.to_string()])
        }
        Request::MarkCandles { symbol, interval, since, until } => {
            let range = [of_time(*since), of_time(*until)];
            let [since, until] = range;
            words("mark_candles", [of_symbol(symbol), interval.to_string(), since, until])
        }
        Request::Funding(symbol) => words("funding", [of_symbol(symbol)]),
        Request::Tiers(symbol) => words("tiers", [of_symbol(symbol)]),
        Request::FeeRate(symbol) => words("fee_rate", [of_symbol(symbol)]),
        Request::KeyRights => words("key_rights", []),
        Request::Positions(product) => words("positions", [product.to_string()]),
        Request::Account => words("account", []),
        Request::AccountKind => words("account_kind", []),
        Request::Orders(product, class) => words("orders", [product.to_string(), of_class(*class)]),
        Request::MoreOrders { product, class, cursor } => {
            words("more_orders", [product.to_string(), of_class(*class), cursor.to_string()])
        }
        Request::Fills => words("fills", []),
        Request::ClosedPositions => words("closed_positions", []),
        Request::MoreClosedPositions(cursor) => {
            words("more_closed_positions", [cursor.to_string()])
        }
        Request::AdlRanks => words("adl_ranks", []),
        Request::Ledger { since, until, cursor: None } => {
            words("ledger", [of_time(*since), of_time(*until)])
        }
        Request::Ledger { since, until, cursor: Some(cursor) } => {
            words("ledger", [of_time(*since), of_time(*until), cursor.to_string()])
        }
    }
}

/// Returns the request of these words; `None` for words of another version.
pub(super) fn request(words: &[String]) -> Option<Request> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match *words.as_slice() {
        ["server_time"] => Request::ServerTime,
        ["contract", of] => Request::Contract(symbol(of)?),
        ["ticker", of] => Request::Ticker(symbol(of)?),
        ["candles", of, span, limit] => Request::Candles {
            symbol: symbol(of)?,
            interval: interval(span)?,
            limit: limit.parse().ok()?,
        },
        ["mark_candles", of, span, since, until] => Request::MarkCandles {
            symbol: symbol(of)?,
            interval: interval(span)?,
            since: time(since)?,
            until: time(until)?,
        },
        ["funding", of] => Request::Funding(symbol(of)?),
        ["tiers", of] => Request::Tiers(symbol(of)?),
        ["fee_rate", of] => Request::FeeRate(symbol(of)?),
        ["key_rights"] => Request::KeyRights,
        ["positions", of] => Request::Positions(product(of)?),
        ["account"] => Request::Account,
        ["account_kind"] => Request::AccountKind,
        ["orders", of, list] => Request::Orders(product(of)?, class(list)?),
        ["more_orders", of, list, cursor] => Request::MoreOrders {
            product: product(of)?,
            class: class(list)?,
            cursor: Text::new(cursor),
        },
        ["fills"] => Request::Fills,
        ["closed_positions"] => Request::ClosedPositions,
        ["more_closed_positions", cursor] => Request::MoreClosedPositions(Text::new(cursor)),
        ["adl_ranks"] => Request::AdlRanks,
        ["ledger", since, until] => {
            Request::Ledger { since: time(since)?, until: time(until)?, cursor: None }
        }
        ["ledger", since, until, cursor] => Request::Ledger {
            since: time(since)?,
            until: time(until)?,
            cursor: Some(Text::new(cursor)),
        },
        _ => return None,
    })
}

/// Returns a kind of request as words.
pub(super) fn of_kind(kind: &RequestKind) -> Vec<String> {
    match kind {
        RequestKind::ServerTime => words("server_time", []),
        RequestKind::AccountKind => words("account_kind", []),
        RequestKind::KeyRights => words("key_rights", []),
        RequestKind::Positions(product) => words("positions", [product.to_string()]),
        RequestKind::Account => words("account", []),
        RequestKind::Orders(product, class) => {
            words("orders", [product.to_string(), of_class(*class)])
        }
        RequestKind::Fills => words("fills", []),
        RequestKind::ClosedPositions => words("closed_positions", []),
        RequestKind::Ledger => words("ledger", []),
        RequestKind::AdlRanks => words("adl_ranks", []),
        RequestKind::Ticker(symbol) => words("ticker", [of_symbol(symbol)]),
        RequestKind::Candles(symbol, interval) => {
            words("candles", [of_symbol(symbol), interval.to_string()])
        }
        RequestKind::Contract(symbol) => words("contract", [of_symbol(symbol)]),
        RequestKind::Funding(symbol) => words("funding", [of_symbol(symbol)]),
        RequestKind::Tiers(symbol) => words("tiers", [of_symbol(symbol)]),
        RequestKind::FeeRate(symbol) => words("fee_rate", [of_symbol(symbol)]),
        RequestKind::MarkCandles(symbol, interval) => {
            words("mark_candles", [of_symbol(symbol), interval.to_string()])
        }
        RequestKind::LedgerHistory => words("ledger_history", []),
        RequestKind::ClosedHistory => words("closed_history", []),
        RequestKind::History => words("history", []),
    }
}

/// Returns the kind of request of these words; `None` for words of another version.
pub(super) fn kind(words: &[String]) -> Option<RequestKind> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match *words.as_slice() {
        ["server_time"] => RequestKind::ServerTime,
        ["account_kind"] => RequestKind::AccountKind,
        ["key_rights"] => RequestKind::KeyRights,
        ["positions", of] => RequestKind::Positions(product(of)?),
        ["account"] => RequestKind::Account,
        ["orders", of, list] => RequestKind::Orders(product(of)?, class(list)?),
        ["fills"] => RequestKind::Fills,
        ["closed_positions"] => RequestKind::ClosedPositions,
        ["ledger"] => RequestKind::Ledger,
        ["adl_ranks"] => RequestKind::AdlRanks,
        ["ticker", of] => RequestKind::Ticker(symbol(of)?),
        ["candles", of, span] => RequestKind::Candles(symbol(of)?, interval(span)?),
        ["contract", of] => RequestKind::Contract(symbol(of)?),
        ["funding", of] => RequestKind::Funding(symbol(of)?),
        ["tiers", of] => RequestKind::Tiers(symbol(of)?),
        ["fee_rate", of] => RequestKind::FeeRate(symbol(of)?),
        ["mark_candles", of, span] => RequestKind::MarkCandles(symbol(of)?, interval(span)?),
        ["ledger_history"] => RequestKind::LedgerHistory,
        ["closed_history"] => RequestKind::ClosedHistory,
        ["history"] => RequestKind::History,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_their_kinds_survive_a_file() {
        let of = Symbol::default;
        let at = Timestamp::from_millis;
        let cursor = || Text::new("1,2 and 3");
        let other = Symbol::from_wire("BTCUSD", Product::CoinFutures).unwrap();
        for asked in [
            Request::ServerTime,
            Request::Contract(other),
            Request::Ticker(of()),
            Request::Candles { symbol: of(), interval: Interval::Min5, limit: 100 },
            Request::MarkCandles {
                symbol: of(),
                interval: Interval::Day1,
                since: at(-1),
                until: at(2),
            },
            Request::Funding(of()),
            Request::Tiers(of()),
            Request::FeeRate(of()),
            Request::KeyRights,
            Request::Positions(Product::UsdcFutures),
            Request::Account,
            Request::AccountKind,
            Request::Orders(Product::UsdtFutures, OrderClass::Trailing),
            Request::MoreOrders {
                product: Product::UsdtFutures,
                class: OrderClass::ProfitLoss,
                cursor: cursor(),
            },
            Request::Fills,
            Request::ClosedPositions,
            Request::MoreClosedPositions(cursor()),
            Request::AdlRanks,
            Request::Ledger { since: at(1), until: at(2), cursor: None },
            Request::Ledger { since: at(1), until: at(2), cursor: Some(cursor()) },
        ] {
            assert_eq!(request(&of_request(&asked)).as_ref(), Some(&asked));
            assert_eq!(kind(&of_kind(&asked.kind())), Some(asked.kind()));
        }
        for read in [RequestKind::LedgerHistory, RequestKind::ClosedHistory, RequestKind::History] {
            assert_eq!(kind(&of_kind(&read)), Some(read));
        }
        assert_eq!(request(&["sell".to_owned()]), None);
    }
}
