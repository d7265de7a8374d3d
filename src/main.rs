//! `bitget-watch`: a read-only terminal dashboard for live Bitget USDT-M futures positions.

use std::process::ExitCode;

use bitget_watch::{app, cli};

fn main() -> ExitCode {
    app::run(cli::parse())
}
