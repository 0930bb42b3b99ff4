//! `serve`: the lab server until it is told to stop.

mod fronts;
mod profile;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use lab_directory::{MemoryStore, Retention, Store, StoreError};
use lab_entra::Tenant;
use lab_jobs::input;
use lab_jobs::live::Grounds;
use lab_jobs::metadata::When;
use lab_server::edge::StoppedClock;
use lab_server::serve::{Listeners, interrupted};
use lab_server::store::SqliteStore;
use lab_server::{Clock, Lab, Limits, Listen, ServeError, Server, Settings, SystemClock, TlsError, Token};
use serde_json::json;

use super::metadata::consulted;
use crate::arguments::{Global, Serve};
use crate::failure::Failure;
use crate::{INTERNAL, MISSING, USAGE, output, world};

/// The environment variable with the token of the pages and interfaces.
const TOKEN_VARIABLE: &str = "PASSKEY_LAB_TOKEN";
/// The longest token that is read.
const LONGEST_TOKEN: usize = 1024;
/// The shortest token that guards a lab off loopback.
const SHORTEST_TOKEN: usize = 16;
/// Exit status: ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Runs the command and gives the exit status.
pub fn run(arguments: &Serve, global: &Global) -> Result<u8, Failure> {
    let token = token(arguments)?;
    guarded(arguments.listen.0.is_loopback(), token.as_deref(), global)?;
    let plan = fronts::Plan::open(arguments)?;
    let management = Listeners::open(Listen::At(arguments.management))?;
    let settings = limited(plan.settings.clone(), arguments, token.as_deref());
    let lab = Arc::new(lab(arguments, global, settings)?);
    let management_token = lab.dice.secret();
    let opened = plan.open_for(&lab);
    let mut announcement = json!({
        "listening": opened.listening,
        "token": management_token,
        "nonce": &*lab.nonce,
    });
    announcement["listening"]["management"] = format!("http://{}", management.address()).into();
    if let Some(browser) = &opened.browser {
        announcement["browser"] = json!({ "command": browser.command.words(), "spkiSha256": browser.pin });
        if !global.quiet {
            output::say("note", &browser.says());
        }
    }
    log(global);
    let management = Some((management, Token::new(&management_token)));
    let server = Server { lab, fronts: opened.fronts, management };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| internal(format!("the runtime: {error}")))?;
    output::print(&format!("{announcement}\n")).map_err(|error| format!("standard output: {error}"))?;
    let by_ctrl_c = runtime.block_on(async {
        let mut by_ctrl_c = false;
        server.run(async { by_ctrl_c = interrupted().await }).await.map(|()| by_ctrl_c)
    })?;
    Ok(if by_ctrl_c { INTERRUPTED } else { 0 })
}

/// Refuses a lab that others can reach and nobody guards.
fn guarded(loopback: bool, token: Option<&str>, global: &Global) -> Result<(), Failure> {
    if loopback {
        return Ok(());
    }
    if global.seed.is_some() {
        let message = "--seed makes sessions that anybody can guess: expected --listen on loopback beside it";
        return Err(Failure::usage(message, "leave --seed out for a team"));
    }
    match token {
        Some(token) if token.len() >= SHORTEST_TOKEN => Ok(()),
        Some(_) => {
            let message = format!("off loopback a token has at least {SHORTEST_TOKEN} characters");
            Err(Failure::usage(message, "`openssl rand -hex 16` makes one"))
        }
        None => Err(Failure::usage(
            "others can reach this address: expected a token",
            format!("write one to a file and name it with --token-file, or set {TOKEN_VARIABLE}"),
        )),
    }
}

fn limited(settings: Settings, arguments: &Serve, token: Option<&str>) -> Settings {
    let rate = (arguments.rate_limit > 0).then_some(arguments.rate_limit);
    Settings { token: token.map(Token::new), limits: Limits { rate, ..settings.limits }, ..settings }
}

fn lab(arguments: &Serve, global: &Global, settings: Settings) -> Result<Lab, Failure> {
    let tenant = input::tenants::read(&arguments.tenant, &mut io::stdin())?;
    let tenant = lab_server::pilots::with_pilots(tenant).map_err(|error| Failure::from(error.to_string()))?;
    let catalogue = super::catalogue(global)?;
    let fixed = global.at.or(tenant.lab().clock);
    let world = world::world(global, fixed)?;
    let metadata = consulted(arguments.metadata.as_deref(), None, When::Now, &catalogue, &world)?;
    let store = store(arguments.data.as_deref(), &tenant, world.at)?;
    let clock: Box<dyn Clock> = match fixed {
        Some(at) => Box::new(StoppedClock(at)),
        None => Box::new(SystemClock),
    };
    let grounds = Grounds::new(catalogue, metadata, &world)?;
    let anchors = arguments.anchors.as_deref().map(input::anchors::read).transpose()?;
    let grounds = grounds.trusting(anchors.unwrap_or_default());
    Ok(Lab::new(settings, store, grounds, world, clock))
}

/// The name of the lab's file in the folder of `--data`.
const FILE: &str = "lab.sqlite";

fn store(folder: Option<&Path>, tenant: &Tenant, now: Timestamp) -> Result<Arc<dyn Store>, Failure> {
    let retention = Retention::default();
    let failed = |error: StoreError| Failure::from(error.to_string());
    let Some(folder) = folder else {
        return Ok(Arc::new(MemoryStore::new(tenant, now, retention).map_err(failed)?));
    };
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(Arc::new(SqliteStore::open(&folder.join(FILE), tenant, now, retention).map_err(failed)?))
}

fn token(arguments: &Serve) -> Result<Option<String>, Failure> {
    let (text, from) = match (&arguments.token_file, std::env::var(TOKEN_VARIABLE)) {
        (Some(file), _) => {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            (text, file.display().to_string())
        }
        (None, Ok(text)) => (text, TOKEN_VARIABLE.to_owned()),
        (None, Err(_)) => return Ok(None),
    };
    let text = text.trim().to_owned();
    if text.is_empty() || text.len() > LONGEST_TOKEN || !text.chars().all(|c| c.is_ascii_graphic()) {
        let message = format!("{from}: expected a token of 1 to {LONGEST_TOKEN} visible ASCII characters");
        return Err(Failure::usage(message, "`openssl rand -hex 16` makes one"));
    }
    Ok(Some(text))
}

/// The log goes to standard error: warnings, with -v every request; `RUST_LOG` says more exactly.
fn log(global: &Global) {
    let usual = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, _) => "info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| usual.into());
    // Without colours, on a terminal too.
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false);
    // Somebody may have set one up already, in a test.
    let _ = subscriber.try_init();
}

fn internal(message: String) -> Failure {
    Failure { message, hint: None, status: INTERNAL }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let taken = matches!(&error, ServeError::Listen { error, .. } if error.kind() == io::ErrorKind::AddrInUse);
        let hint = taken.then(|| "--listen, --tls and --management name other ports; :0 is any free one".to_owned());
        Self { message: error.to_string(), hint, status: MISSING }
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        let status = if matches!(error, TlsError::Made(_)) { INTERNAL } else { USAGE };
        Self { message: error.to_string(), hint: error.hint().map(str::to_owned), status }
    }
}
