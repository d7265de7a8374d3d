//! `simulate`: the embedded exchange alone, until a signal ends it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::{Failure, SIGNAL, USAGE};
use super::source::read_script;
use crate::cli::{Options, SimulateArgs};
use crate::domain::{AccountKind, SystemClock};
use crate::sim::{Expected, Holdings, Pace, Script, SimConfig, SimServer};

/// What a unified account holds besides its USDT, so that clients see more than one coin.
const BITCOIN: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// Serves until a signal; returns 128 and its number.
pub(super) fn run(arguments: &SimulateArgs, options: &Options) -> Result<u8, Failure> {
    let script = options.script.as_deref().map(read_script).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::running)?;
    runtime.block_on(serve(arguments, options, script))
}

async fn serve(
    arguments: &SimulateArgs,
    options: &Options,
    script: Option<Script>,
) -> Result<u8, Failure> {
    let address = arguments.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| in_use(address, &error))?;
    let text = |secret: &Option<SecretString>| {
        secret.as_ref().map(|secret| secret.expose_secret().to_owned())
    };
    let expected = text(&arguments.key)
        .zip(text(&arguments.secret))
        .zip(text(&arguments.passphrase))
        .map(|((key, secret), passphrase)| Expected { key, secret, passphrase });
    let config = SimConfig {
        seed: options.seed.unwrap_or(1),
        plain: arguments.plain,
        flat: arguments.flat,
        account: options.account.unwrap_or(AccountKind::Classic),
        bitcoin: BITCOIN,
        expected,
        record: false,
        script,
        holdings: Holdings::Mixed,
        pace: if arguments.live_pace { Pace::Live } else { Pace::Fast },
    };
    let server = SimServer::start(listener, config, Arc::new(SystemClock::start()))
        .map_err(Failure::running)?;
    announce(&server).map_err(Failure::running)?;

    let watch = |kind| signal(kind).map_err(Failure::running);
    let mut terminate = watch(SignalKind::terminate())?;
    let mut interrupt = watch(SignalKind::interrupt())?;
    let mut hangup = watch(SignalKind::hangup())?;
    let number = tokio::select! {
        _ = terminate.recv() => 15,
        _ = interrupt.recv() => 2,
        _ = hangup.recv() => 1,
    };
    server.stop();
    Ok(SIGNAL + number)
}

fn in_use(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::new(USAGE, format!("--listen {address}: {error}"))
}

/// Says where it is and, with TLS, what a client must trust.
fn announce(server: &SimServer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "REST    {}", server.rest_origin())?;
    writeln!(out, "streams {}", server.stream_origin())?;
    if let Some(pem) = server.authority_pem() {
        writeln!(out, "certificate authority, for exchange.extra_ca_file:\n{}", pem.trim_end())?;
    }
    out.flush()
}
