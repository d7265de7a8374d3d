//! `check`: says of each step from here to the first data whether it is good, and what to do where it is not.

use std::io::{self, Write};
use std::sync::Arc;

use super::exit::{Failure, RUNNING, quiet};
use super::source::{self, Source};
use super::{check_services, terminal_probe};
use crate::check::{
    Probe, Surroundings, Thresholds, Watcher, exit_code, findings, gather, to_json, to_text,
};
use crate::cli::{CheckArgs, Options};
use crate::config::{Env, Setting, SettingSource, no_color};
use crate::domain::Clock;

/// Looks, prints and returns the exit code.
pub(super) fn run(
    arguments: &CheckArgs,
    options: &Options,
    source: &Source,
    mut settings: Vec<Setting>,
    env: Env<'_>,
) -> Result<u8, Failure> {
    settings.splice(0..0, outside_the_file(options, env));
    let clock: Arc<dyn Clock> = source.clock.clone();
    let around = Surroundings {
        settings,
        key_tail: source.key_tail(),
        proxy: source.proxy(),
        terminal: terminal_probe::look(&source.config.ui, env, &*clock),
        thresholds: Thresholds { max_age: arguments.max_age, min_distance: arguments.min_distance },
        services: check_services::findings(source, env),
    };
    let runtime = source::runtime()?;
    let evidence = runtime
        .block_on(async {
            let watcher = Arc::new(Watcher::default());
            let (settings, rest_origin, _exchange) = source.connect(Some(watcher.clone())).await?;
            let context = source.context();
            let timeout = arguments.timeout;
            let probe = Probe { settings, rest_origin, context, watcher, timeout };
            Ok(gather(probe, clock).await)
        })
        .map_err(|error: String| Failure::new(RUNNING, error))?;
    // Blocking look-ups of names may still run; nothing waits for them.
    runtime.shutdown_background();
    let found = findings(&evidence, &around);
    let text = if arguments.json {
        to_json(&found, &evidence) + "\n"
    } else {
        to_text(&found).map_err(Failure::running)?
    };
    quiet(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(exit_code(&found))
}

/// Returns what flags and environment set besides the values of the file.
fn outside_the_file(options: &Options, env: Env<'_>) -> Vec<Setting> {
    let mut all = Vec::new();
    let variable = |name| env(name).filter(|value| !value.is_empty());
    if let Some(path) = &options.config {
        let path = path.display().to_string();
        all.push(Setting::new("file", &path, SettingSource::Flag("--config")));
    } else if let Some(path) = variable("BITGET_WATCH_CONFIG") {
        let source = SettingSource::Environment("BITGET_WATCH_CONFIG");
        all.push(Setting::new("file", &path.to_string_lossy(), source));
    }
    if let Some(path) = &options.log_file {
        let path = path.display().to_string();
        all.push(Setting::new("log file", &path, SettingSource::Flag("--log-file")));
    }
    if let Some(level) = options.log_level {
        let level = format!("{level:?}").to_lowercase();
        all.push(Setting::new("log level", &level, SettingSource::Flag("--log-level")));
    } else if let Some(level) = variable("BITGET_WATCH_LOG_LEVEL") {
        let source = SettingSource::Environment("BITGET_WATCH_LOG_LEVEL");
        all.push(Setting::new("log level", &level.to_string_lossy(), source));
    }
    if no_color(env) {
        let source = SettingSource::Environment("NO_COLOR");
        all.push(Setting::new("colors", "none, unless ui.color is always", source));
    }
    all
}
