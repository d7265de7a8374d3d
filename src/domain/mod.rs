//! The vocabulary of the program: plain values and what they mean.
//!
//! No IO, no async and no serialisation here, and no spelling of the exchange: its names stop at the
//! parsers. Money, prices and sizes are [`rust_decimal::Decimal`]; an unknown value is `None`, never
//! zero. Start with [`Update`], which feeds produce and the store consumes.
#![deny(clippy::float_arithmetic)]

mod account;
mod account_history;
mod alert;
mod allowance;
mod away;
mod contract;
mod ledger_entry;
mod link;
mod link_fault;
mod market;
mod memory;
mod order;
mod position;
mod product;
mod recorded;
mod request_kind;
mod symbol;
mod text;
mod ticker;
mod time;
mod update;
mod user_id;

pub use account::{Account, AccountKind, AssetMode, CoinBalance, KeyRights};
pub use account_history::{ClosedPosition, Fee, Fill, Liquidity};
pub use alert::{AlertChange, AlertNotice, Metric, Severity};
pub use allowance::Allowance;
pub use away::{Away, AwayAlert, AwayChange, AwayEquity, AwayEvent, AwayNearest};
pub use contract::{Contract, FeeRate, FundingInfo, Tier};
pub use ledger_entry::{LedgerEntry, LedgerKind};
pub use link::{LinkReport, LinkState, Stream};
pub use link_fault::{LinkFault, Obstacle};
pub use market::{Book, Candle, Interval, Level, Trade};
pub use memory::{EarlierAlert, MemoryReport, MemoryState, Period, PeriodReport};
pub use order::{Order, OrderClass, OrderKind, OrderSide, OrderStatus};
pub use position::{
    AdlRank, MarginMode, Position, PositionDetails, PositionKey, PositionMode, Side,
};
pub use product::Product;
pub use recorded::{EquityPart, Gap};
pub use request_kind::RequestKind;
pub use symbol::{Symbol, SymbolError};
pub use text::{OpenEnum, Text, spoken};
pub use ticker::Ticker;
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use update::{
    AccountUpdate, Body, OrderSet, Origin, PositionSet, ProblemCode, ProblemReport, Scope, Update,
};
pub use user_id::UserId;
