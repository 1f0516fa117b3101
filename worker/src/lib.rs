//! The web server of a bramble node.
//!
//! One thread a core, each with its own epoll loop over the shared listening sockets: a request is one read, one
//! look into the thread's own file cache and one write, without locks and without allocation once the loop is warm.
//! Measured prototypes of this shape need less of a core than nginx does, and a node's core is small.
//!
//! The way of a request: [`event_loop`] → [`connection`] (one socket's state) → [`request`] (what is asked) →
//! [`host`], [`sites`] (of which site) → [`target`] (which name that is) → [`files`] (what the site has by that name) →
//! [`conditional`], [`range`] (how much of it) → [`response`].
//! The process around it: [`arguments`], [`configuration`], [`settings`], [`listeners`], [`supervisor`] (signals,
//! watchdog, draining), [`metrics`], [`notify`].

pub mod access_log;
pub mod answer;
pub mod arguments;
pub mod body;
pub mod buffers;
pub mod conditional;
pub mod configuration;
pub mod connection;
pub mod counters;
pub mod deadline;
pub mod descriptors;
pub mod event_loop;
pub mod file_cache;
pub mod files;
pub mod generations;
pub mod hashes;
pub mod host;
pub mod input;
pub mod listeners;
pub mod metrics;
pub mod mime;
pub mod name_hash;
pub mod negotiate;
pub mod neighbours;
pub mod notify;
pub mod pattern;
pub mod plain_path;
pub mod probe;
pub mod proxy;
pub mod range;
pub mod rate;
pub mod readiness;
pub mod ready;
pub mod representation;
pub mod request;
pub mod response;
pub mod sending;
pub mod settings;
pub mod shared;
pub mod site;
pub mod sites;
pub mod status;
pub mod supervisor;
pub mod target;
