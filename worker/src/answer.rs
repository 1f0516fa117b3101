//! The answer to a request: the rules, without sockets.

use std::io::Write;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::access_log::{Log, LoggedRequest};
use crate::body::{self, Body};
use crate::conditional::Verdict;
use crate::file_cache::Budget;
use crate::files::Found;
use crate::host;
use crate::probe::Probe;
use crate::range::{self, Wanted};
use crate::representation::Representation;
use crate::request::{self, Method, Request};
use crate::response::{self, Common, Then};
use crate::settings::Settings;
use crate::shared::{Phase, Shared};
use crate::sites::{self, Sites};
use crate::status::Status;
use crate::target::{self, Target};

/// Everything that a thread answers with.
#[derive(Debug)]
pub struct Desk {
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// The sites' files.
    pub sites: Sites,
    /// The fields of every answer.
    pub common: Common,
    /// The access log, when there is one.
    pub log: Option<Log>,
    /// Whether the default site can be read.
    pub probe: Arc<Probe>,
    /// Whether the server is being stopped.
    pub phase: Phase,
    /// When the loop last woke up.
    pub now: Instant,
    /// The name asked for, kept so that its memory is used again.
    pub name: Vec<u8>,
    /// The host asked for, kept for the same reason.
    pub host: Vec<u8>,
    /// Requests that the rate limit refused.
    pub limited: u64,
}

impl Desk {
    /// The desk of the loop of this number out of `loops`.
    pub fn new(settings: Arc<Settings>, shared: &Shared, number: usize, loops: usize, now: Instant) -> Desk {
        let budget = Budget {
            bytes: settings.cache_bytes() / loops.max(1),
            descriptors: shared.cached_descriptors / loops.max(1),
        };
        let mut common = Common::new(&settings.hostname);
        common.tick(SystemTime::now());
        Desk {
            sites: Sites::new(Arc::clone(&settings), &shared.registry, number, budget, now),
            common,
            log: settings.logger.clone().map(Log::new),
            probe: Arc::clone(&shared.probe),
            phase: shared.phase(),
            now,
            name: Vec::new(),
            host: Vec::new(),
            limited: 0,
            settings,
        }
    }
}

/// Whose request it is.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The client's address: of the socket, or as a balancer's PROXY header gave it.
    pub address: IpAddr,
    /// Whether a balancer is at the other end.
    pub is_balancer: bool,
}

/// An answer whose head, and body if that is a line of text, has been written, or comes with the body.
#[derive(Debug)]
pub struct Answer {
    /// The body to send after it.
    pub body: Option<Body>,
    /// Whether the connection ends.
    pub close: bool,
    /// Whether bytes of this request may still come, which must be read for the answer to reach the client.
    pub linger: bool,
}

/// A decision: the status, the body and its length.
type Decided = (Status, Option<Body>, u64);

const ALLOW: &[u8] = b"Allow: GET, HEAD, OPTIONS\r\n";

/// Answers a request that cannot be understood.
pub fn refuse(status: Status, input: &[u8], peer: Peer, desk: &mut Desk, out: &mut Vec<u8>) -> Answer {
    let mut words = request::first_line(input).1.split(|byte| *byte == b' ').map(String::from_utf8_lossy);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let bare = method == "HEAD";
    response::page(out, &desk.common, status, status.page(), b"", Then::Close, bare);
    desk.sites.count(sites::DEFAULT, status);
    if let Some(log) = &mut desk.log {
        log.add(&LoggedRequest {
            client: peer.address,
            date: desk.common.date(),
            host: None,
            method: &method,
            target: &target,
            old: words.next().is_some_and(|version| version == "HTTP/1.0"),
            status,
            length: if bare { 0 } else { wide(status.page().len()) },
            referer: None,
            user_agent: None,
        });
    }
    Answer { body: None, close: true, linger: true }
}

/// Answers a request.
pub fn answer(request: &Request<'_>, peer: Peer, desk: &mut Desk, out: &mut Vec<u8>) -> Answer {
    let keep = request.keep_alive && !request.has_body && desk.phase == Phase::Serving;
    let then = match (keep, request.old) {
        (false, _) => Then::Close,
        (true, false) => Then::Keep,
        (true, true) => Then::KeepOld,
    };
    let client = client(request, peer, &desk.settings);
    let bare = request.method == Method::Head;
    let asked = target::authority(request.target).map(str::as_bytes).or(request.host);
    let is_host = host::read(asked.unwrap_or_default(), &mut desk.host);
    let place = desk.sites.place(&desk.host);
    let (status, body, length) = if is_host {
        decide(request, peer, client, place, desk, out, then)
    } else {
        page(desk, place, Status::BadRequest, b"", then, bare, out)
    };
    desk.sites.count(place, status);
    if let Some(log) = &mut desk.log {
        log.add(&LoggedRequest {
            client,
            date: desk.common.date(),
            host: asked,
            method: request.method_name,
            target: request.target,
            old: request.old,
            status,
            length: if bare { 0 } else { length },
            referer: request.referer,
            user_agent: request.user_agent,
        });
    }
    Answer { body: body.filter(|_| !bare), close: !keep, linger: request.has_body }
}

/// The client behind the balancers: the last address that is not one of theirs.
fn client(request: &Request<'_>, peer: Peer, settings: &Settings) -> IpAddr {
    let Some(field) = request.forwarded_for.as_deref().filter(|_| peer.is_balancer) else { return peer.address };
    let mut client = peer.address;
    for word in field.rsplit(|byte| *byte == b',') {
        let Some(address) = std::str::from_utf8(word).ok().and_then(|word| word.trim().parse().ok()) else { break };
        client = address;
        if !settings.configuration.balancers.iter().any(|network| network.contains(address)) {
            break;
        }
    }
    client
}

fn decide(
    request: &Request<'_>,
    peer: Peer,
    client: IpAddr,
    place: usize,
    desk: &mut Desk,
    out: &mut Vec<u8>,
    then: Then,
) -> Decided {
    let bare = request.method == Method::Head;
    // A balancer's own questions are not a client's.
    let own = peer.is_balancer && client == peer.address;
    if let Some(rates) = &desk.settings.rates
        && !own
        && !target::is_health(request.target)
        && !rates.allow(client, desk.now)
    {
        desk.limited += 1;
        return page(desk, place, Status::TooManyRequests, b"Retry-After: 1\r\n", then, bare, out);
    }
    match request.method {
        Method::Unknown => return page(desk, place, Status::NotImplemented, b"", then, bare, out),
        Method::Other => return page(desk, place, Status::MethodNotAllowed, ALLOW, then, bare, out),
        _ if request.has_body => return page(desk, place, Status::ContentTooLarge, b"", then, bare, out),
        Method::Options if request.target == "*" => return options(desk, then, out),
        _ => {}
    }
    let (directory, path, query) = match target::read(request.target, &mut desk.name) {
        Err(status) => return page(desk, place, status, b"", then, bare, out),
        Ok(_) if request.method == Method::Options => return options(desk, then, out),
        Ok(Target::Health) => {
            let (status, text) = match desk.phase {
                Phase::Serving if desk.probe.is_readable() => (Status::Ok, "ok\n"),
                Phase::Serving => (Status::ServiceUnavailable, "the site cannot be read\n"),
                Phase::Draining | Phase::Closing => (Status::ServiceUnavailable, "draining\n"),
            };
            response::page(out, &desk.common, status, text, b"Cache-Control: no-store\r\n", then, bare);
            return (status, None, wide(text.len()));
        }
        Ok(Target::Elsewhere(plain)) => return redirect(&plain, desk, then, bare, out),
        Ok(Target::Name { directory, path, query }) => (directory, path, query),
    };
    match desk.sites.files(place).find(&mut desk.name, directory, desk.now) {
        Ok(Found::Directory) => redirect(&format!("{path}/{query}"), desk, then, bare, out),
        Ok(Found::File(resource)) => {
            send(request, resource.choose(request.accept_encoding.as_deref()), desk, out, then)
        }
        Err(status) => page(desk, place, status, b"", then, bare, out),
    }
}

/// Sends the client to another path.
fn redirect(path: &str, desk: &Desk, then: Then, bare: bool, out: &mut Vec<u8>) -> Decided {
    let status = Status::MovedPermanently;
    let location = format!("Location: {path}\r\n");
    response::page(out, &desk.common, status, status.page(), location.as_bytes(), then, bare);
    (status, None, wide(status.page().len()))
}

/// Answers with a file, or what is wanted of it.
fn send(request: &Request<'_>, file: &Rc<Representation>, desk: &Desk, out: &mut Vec<u8>, then: Then) -> Decided {
    let bare = request.method == Method::Head;
    match request.conditions.judge(file) {
        Verdict::Send => {}
        Verdict::NotModified => {
            response::head(out, &desk.common, Status::NotModified, &[&file.validators], then);
            return (Status::NotModified, None, 0);
        }
        Verdict::Unknown => {
            let status = Status::ServiceUnavailable;
            response::page(out, &desk.common, status, status.page(), b"Retry-After: 1\r\n", then, bare);
            return (status, None, wide(status.page().len()));
        }
        Verdict::Failed => {
            let status = Status::PreconditionFailed;
            response::page(out, &desk.common, status, status.page(), &file.validators, then, bare);
            return (status, None, wide(status.page().len()));
        }
    }
    if let Some(field) = request.range.filter(|_| request.method == Method::Get)
        && request.conditions.allow_range(file, SystemTime::now())
    {
        match range::read(field, file.length()) {
            Wanted::Whole => {}
            Wanted::Nothing => {
                let status = Status::RangeNotSatisfiable;
                let extent = format!("Content-Range: bytes */{}\r\n", file.length());
                response::page(out, &desk.common, status, status.page(), extent.as_bytes(), then, bare);
                return (status, None, wide(status.page().len()));
            }
            Wanted::Parts(parts) => return send_parts(&parts, file, desk, out, then),
        }
    }
    if bare {
        response::head(out, &desk.common, Status::Ok, &[&file.kind, &file.extent, &file.validators], then);
        return (Status::Ok, None, file.length());
    }
    let head = file.ready(&desk.common, then);
    (Status::Ok, Some(Body::ready(Rc::clone(file), head)), file.length())
}

fn send_parts(
    parts: &[std::ops::Range<u64>],
    file: &Rc<Representation>,
    desk: &Desk,
    out: &mut Vec<u8>,
    then: Then,
) -> Decided {
    let mut fields = Vec::with_capacity(256);
    let body = if let [part] = parts {
        fields.extend_from_slice(&file.kind);
        body::content_range(&mut fields, part, file.length());
        Body::part(Rc::clone(file), part.clone())
    } else {
        // Writing to a vector cannot fail.
        let _ = write!(fields, "Content-Type: multipart/byteranges; boundary={}\r\n", body::boundary(file));
        Body::parts(Rc::clone(file), parts)
    };
    let length = body.length();
    let _ = write!(fields, "Content-Length: {length}\r\n");
    response::head(out, &desk.common, Status::PartialContent, &[&fields, &file.validators], then);
    (Status::PartialContent, Some(body), length)
}

fn options(desk: &Desk, then: Then, out: &mut Vec<u8>) -> Decided {
    response::head(out, &desk.common, Status::NoContent, &[ALLOW], then);
    (Status::NoContent, None, 0)
}

/// Answers with the status in words: the site's own page where it has one, else a line of text.
fn page(
    desk: &mut Desk,
    place: usize,
    status: Status,
    fields: &[u8],
    then: Then,
    bare: bool,
    out: &mut Vec<u8>,
) -> Decided {
    let own: &[u8] = match status {
        Status::NotFound => b"404.html",
        Status::InternalServerError | Status::ServiceUnavailable => b"50x.html",
        _ => b"",
    };
    if !own.is_empty() {
        desk.name.clear();
        desk.name.extend_from_slice(own);
        if let Ok(Found::File(resource)) = desk.sites.files(place).find(&mut desk.name, false, desk.now) {
            let file = resource.choose(None);
            let mut length = Vec::with_capacity(64);
            let _ = write!(length, "Content-Length: {}\r\n", file.length());
            response::head(out, &desk.common, status, &[&file.kind, &length, fields], then);
            return (status, Some(Body::whole(Rc::clone(file))), file.length());
        }
    }
    response::page(out, &desk.common, status, status.page(), fields, then, bare);
    (status, None, wide(status.page().len()))
}

/// `usize` is never wider than 64 bits.
fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
