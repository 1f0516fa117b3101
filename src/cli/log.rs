//! Lines for people, all on standard error: steps as they begin, warnings, and the one failure at the end.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Sends what the rooms tell to standard error: steps always, details as `verbose` rises. `RUST_LOG` overrules it.
pub(super) fn start(verbose: u8) {
    let level = match verbose {
        0 => "bramble=info",
        1 => "bramble=debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).event_format(Plain).init();
}

/// A message that is laid out for the terminal already.
#[derive(Debug)]
pub(super) struct Rendered(pub(super) String);

impl fmt::Display for Rendered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Rendered {}

/// Tells why the command failed: the error, then what caused it, a line each.
pub(super) fn failure(error: &anyhow::Error) {
    if let Some(Rendered(text)) = error.downcast_ref() {
        eprintln!("{}", text.trim_end());
        return;
    }
    eprintln!("error: {error}");
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Many errors show their source in their own words.
        if !told.contains(&cause) {
            eprintln!("  because {cause}");
            told = cause;
        }
    }
}

/// A step is a bare line; only what needs a second look carries its level.
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        match *event.metadata().level() {
            Level::ERROR => write!(writer, "error: ")?,
            Level::WARN => write!(writer, "warning: ")?,
            _ => {}
        }
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
